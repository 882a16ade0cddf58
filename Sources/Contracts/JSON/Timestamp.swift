public import Foundation

/// A time in UTC, written as in RFC 3339 with milliseconds: `2026-01-31T08:15:30.250Z`.
public struct Timestamp: Codable, Sendable, Hashable, Comparable, CustomStringConvertible {
    /// The date in whole milliseconds, so that a time is equal after it was written and read.
    public let date: Date

    public init(_ date: Date) { self.init(milliseconds: Int64((date.timeIntervalSince1970 * 1000).rounded())) }

    /// Creates the moment this many milliseconds after 1970-01-01T00:00:00Z, as databases store it.
    public init(milliseconds: Int64) { date = Date(timeIntervalSince1970: Double(milliseconds) / 1000) }

    /// Milliseconds since 1970-01-01T00:00:00Z.
    public var milliseconds: Int64 { Int64((date.timeIntervalSince1970 * 1000).rounded()) }

    /// Reads RFC 3339, with or without fractions of a second and with any offset.
    public init?(_ text: String) {
        guard let milliseconds = RFC3339.milliseconds(of: text) else { return nil }
        self.init(milliseconds: milliseconds)
    }

    /// The current time.
    public static var now: Timestamp { Timestamp(Date()) }

    public var description: String {
        RFC3339.text(of: milliseconds)
    }

    public static func < (lhs: Timestamp, rhs: Timestamp) -> Bool { lhs.date < rhs.date }

    public static func + (time: Timestamp, span: Duration) -> Timestamp {
        Timestamp(time.date.addingTimeInterval(span / .seconds(1)))
    }

    /// Returns the duration from `earlier` to this time; negative if `earlier` is later.
    public func since(_ earlier: Timestamp) -> Duration {
        .milliseconds(Int64((date.timeIntervalSince(earlier.date) * 1000).rounded()))
    }

    public init(from decoder: any Decoder) throws {
        let text = try decoder.singleValueContainer().decode(String.self)
        guard let value = Timestamp(text) else {
            throw ContractViolation(path: decoder.codingPath, problem: "must be a date and time as in RFC 3339")
        }
        self = value
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(description)
    }
}
