public import Contracts

/// How sure to be, how patient with lengths, and which quality to prefer.
public struct MatchProfile: Sendable, Equatable {
    /// From this score on, an offer is taken without asking.
    public var accept = 0.86
    /// From this score on, an offer is worth a person's look.
    public var review = 0.68
    /// How far an accepted offer must be ahead of the best one of another identity.
    public var margin = 0.06
    /// Durations within this tolerance confirm that a file is the wanted recording.
    public var sameRecording = DurationTolerance.sameRecording
    /// Durations beyond this tolerance rule out that a file is the wanted recording.
    public var possibleRecording = DurationTolerance.possibleRecording
    /// Kilobits a second; lossy files with less are refused.
    public var minimumLossyKbps = 192
    /// The attributes of the offers were read from the files themselves, which are the user's own: none is refused for
    /// what it weighs. A peer's claims are held against each other instead.
    public var trustsAttributes = false
    /// The same for the offers of these sources only, where one search asks several.
    public var trustedSources: Set<String> = []
    /// The best first; classes that are not listed are refused.
    public var qualities: [QualityClass] = [
        .lossless16, .lossless24, .lossyNearTransparent, .variableHigh, .lossyHigh, .lossyFair,
    ]
    /// What is this good is not replaced by anything better; `nil` always looks for the best.
    public var upgradeUntil: QualityClass? = .lossless16

    public init() {}

    func trusts(_ source: String) -> Bool { trustsAttributes || trustedSources.contains(source) }
}
