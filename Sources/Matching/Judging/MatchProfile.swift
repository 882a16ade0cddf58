public import Contracts

/// The thresholds, tolerances and preferred qualities of the matcher.
public struct MatchProfile: Sendable, Equatable {
    /// The lowest score at which an offer is accepted without a person.
    public var accept = 0.86
    /// The lowest score at which an offer is shown to a person.
    public var review = 0.68
    /// The minimum lead of an accepted offer over the best offer of another recording.
    public var margin = 0.06
    /// Durations within this tolerance confirm that a file is the wanted recording.
    public var sameRecording = DurationTolerance.sameRecording
    /// Durations beyond this tolerance rule out that a file is the wanted recording.
    public var possibleRecording = DurationTolerance.possibleRecording
    /// The minimum bitrate of lossy files in kilobits a second.
    public var minimumLossyKbps = 192
    /// Whether the attributes of offers were read from the user's own files. Such offers are not excluded for their
    /// size or bitrate. The claims of peers are checked against each other instead.
    public var trustsAttributes = false
    /// The sources whose attributes are trusted, if a search has several sources.
    public var trustedSources: Set<String> = []
    /// The accepted quality classes, the best first.
    public var qualities: [QualityClass] = [
        .lossless16, .lossless24, .lossyNearTransparent, .variableHigh, .lossyHigh, .lossyFair,
    ]
    /// Files of this class or better are not replaced; `nil` replaces every file by a better one.
    public var upgradeUntil: QualityClass? = .lossless16

    public init() {}

    func trusts(_ source: String) -> Bool { trustsAttributes || trustedSources.contains(source) }
}
