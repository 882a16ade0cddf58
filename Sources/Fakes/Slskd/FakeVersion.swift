/// A version of slskd. It determines the available functions.
public struct FakeVersion: Sendable, Hashable, Comparable, CustomStringConvertible {
    public let major: Int
    public let minor: Int
    public let patch: Int

    /// Batches, destinations, automatic retries, gates.
    public static let v0_26 = FakeVersion(0, 26, 0)
    /// An enqueue responds with the transfers; gates, no batches, no retries.
    public static let v0_25 = FakeVersion(0, 25, 0)
    /// An enqueue responds with an empty body, and only after the peer has queued the files.
    public static let v0_23 = FakeVersion(0, 23, 0)

    public init(_ major: Int, _ minor: Int, _ patch: Int) {
        (self.major, self.minor, self.patch) = (major, minor, patch)
    }

    /// Parses a version such as `0.26.0`; `nil` unless it has three numbers.
    public init?(_ text: String) {
        let numbers = text.split(separator: ".", omittingEmptySubsequences: false).compactMap { Int($0) }
        guard numbers.count == 3, text.filter({ $0 == "." }).count == 2 else { return nil }
        self.init(numbers[0], numbers[1], numbers[2])
    }

    public var description: String { "\(major).\(minor).\(patch)" }

    public static func < (one: FakeVersion, other: FakeVersion) -> Bool {
        (one.major, one.minor, one.patch) < (other.major, other.minor, other.patch)
    }
}

extension FakeVersion {
    var hasBatches: Bool { self >= .v0_26 }
    var hasGates: Bool { self >= FakeVersion(0, 24, 0) }
    var retries: Bool { self >= .v0_26 }
    var resumes: Bool { self >= .v0_26 }
    var refusesTraversal: Bool { self >= .v0_26 }
    var respondsToEnqueueWithTransfers: Bool { self >= FakeVersion(0, 24, 0) }
    var namesFailures: Bool { self < .v0_26 }
    var acceptsEncodedSlashes: Bool { self >= FakeVersion(0, 24, 2) }
    var separatesPeers: Bool { self >= .v0_26 }
    var sendsStartOffset: Bool { self < .v0_26 }
    var inactivity: Duration { self >= FakeVersion(0, 24, 0) ? .seconds(60) : .seconds(15) }
}
