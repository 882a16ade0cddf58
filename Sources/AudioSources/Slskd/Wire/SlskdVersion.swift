/// A version of slskd, such as `0.26.0` or `0.26.0.65534-local`. Only the numbers are compared.
public struct SlskdVersion: Sendable, Hashable, Comparable, CustomStringConvertible {
    public let description: String
    private let numbers: [Int]

    /// Reads a version; `nil` for a text that does not begin with two numbers.
    public init?(_ text: String) {
        let numbers = text.prefix { $0.isNumber || $0 == "." }.split(separator: ".").prefix(3).map { Int($0) }
        guard numbers.count >= 2, let known = numbers as? [Int] else { return nil }
        self.numbers = known + Array(repeating: 0, count: 3 - known.count)
        description = text
    }

    public static func < (lhs: SlskdVersion, rhs: SlskdVersion) -> Bool {
        lhs.numbers.lexicographicallyPrecedes(rhs.numbers)
    }

    public static func == (lhs: SlskdVersion, rhs: SlskdVersion) -> Bool { lhs.numbers == rhs.numbers }

    public func hash(into hasher: inout Hasher) { hasher.combine(numbers) }

    private init(_ major: Int, _ minor: Int) {
        numbers = [major, minor, 0]
        description = "\(major).\(minor).0"
    }

    /// The first version with batches, whose id and folder the client chooses.
    public static let batches = SlskdVersion(0, 26)
    /// The first version that responds to an order with the transfers.
    public static let enqueueAnswers = SlskdVersion(0, 24)
    /// The oldest supported version.
    public static let oldest = SlskdVersion(0, 22)
}
