public import Contracts

/// An offer with its decision and evidence.
public struct JudgedOffer: Sendable {
    public var offer: OfferedFile
    public var outcome: MatchOutcome
    /// The confidence that this is the wanted recording, 0 … 1. Quality and peers do not change it.
    public var score: Double
    public var vetoes: [Veto]
    public var quality: QualityClass?
    /// Whether a person approved the file.
    public var isApproved = false
    let evidence: Evidence
    /// The duration as the source states it, or as size and bitrate give it.
    let durationMS: Int?

    /// The components of the score by name, each 0 … 1.
    public var components: [String: Double] { evidence.components }
}
