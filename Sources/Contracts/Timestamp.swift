public import Foundation

/// A moment in UTC, written as RFC 3339 with milliseconds: `2026-01-31T08:15:30.250Z`.
public struct Timestamp: Codable, Sendable, Hashable, Comparable, CustomStringConvertible {
    private static let format = Date.ISO8601FormatStyle(includingFractionalSeconds: true)
    private static let wholeSeconds = Date.ISO8601FormatStyle(includingFractionalSeconds: false)

    /// A whole number of milliseconds, so that a time that was written and read again is the same.
    public let date: Date

    public init(_ date: Date) {
        self.date = Date(timeIntervalSinceReferenceDate: (date.timeIntervalSinceReferenceDate * 1000).rounded() / 1000)
    }

    /// Reads RFC 3339, with or without fractions of a second and with any offset.
    public init?(_ text: String) {
        guard let date = (try? Self.format.parse(text)) ?? (try? Self.wholeSeconds.parse(text)),
            Self.isThat(date, text)
        else { return nil }
        self.init(date)
    }

    /// The parser ignores what follows a time, and takes the 30th of February for the 2nd of March.
    private static func isThat(_ date: Date, _ text: String) -> Bool {
        guard let zone = text.wholeMatch(of: /.{19}(?:\.[0-9]+)?(Z|[+-][0-9]{2}:[0-9]{2})/)?.1 else { return false }
        let digits = zone.dropFirst().split(separator: ":").compactMap { Double($0) }
        let offset = digits.count == 2 ? (digits[0] * 60 + digits[1]) * 60 * (zone.first == "-" ? -1 : 1) : 0
        // Whole seconds: the style cuts fractions off, and a little more is on the safe side.
        let local = Date(timeIntervalSinceReferenceDate: date.timeIntervalSinceReferenceDate + offset + 0.000_01)
        return local.formatted(wholeSeconds).prefix(19) == text.prefix(19)
    }

    /// The present moment.
    public static var now: Timestamp { Timestamp(Date()) }

    /// The style cuts off what lies below a millisecond, and few milliseconds are exact in binary: half of one more.
    public var description: String { date.addingTimeInterval(0.000_5).formatted(Self.format) }

    public static func < (lhs: Timestamp, rhs: Timestamp) -> Bool { lhs.date < rhs.date }

    public static func + (time: Timestamp, span: Duration) -> Timestamp {
        Timestamp(time.date.addingTimeInterval(span / .seconds(1)))
    }

    /// The time from `earlier` to this moment; negative when it lies ahead.
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
