import Contracts
import Foundation

extension Date? {
    /// The time in UTC, with `Z`.
    var zonedJSON: JSONValue? { map { .string(SlskdTime.text($0) + "Z") } }
    /// The time in UTC, without `Z`.
    var bareJSON: JSONValue? { map { .string(SlskdTime.text($0)) } }
}

/// Formats times like .NET.
enum SlskdTime {
    /// `2026-08-22T10:11:12.345678`, with up to seven digits after the point and none when they are all zero.
    static func text(_ date: Date) -> String {
        let ticks = Int64((date.timeIntervalSince1970 * 1_000_000).rounded(.down)) * 10
        let second = Date(timeIntervalSince1970: TimeInterval(ticks / 10_000_000))
        let whole = second.formatted(.iso8601).dropLast()
        let fraction = padded(ticks % 10_000_000, 7).reversed().drop { $0 == "0" }.reversed()
        return fraction.isEmpty ? String(whole) : whole + "." + String(fraction)
    }

    /// `00:01:02.3450000`, from one day on `1.00:01:02`.
    static func text(seconds: Double) -> String {
        let ticks = Int64((max(seconds, 0) * 10_000_000).rounded(.down))
        let whole = ticks / 10_000_000
        let clock = [whole / 3600 % 24, whole / 60 % 60, whole % 60].map { padded($0, 2) }.joined(separator: ":")
        let fraction = ticks % 10_000_000 == 0 ? "" : ".\(padded(ticks % 10_000_000, 7))"
        return (whole >= 86400 ? "\(whole / 86400)." : "") + clock + fraction
    }

    /// Converts a time to ticks of .NET: tenths of microseconds since the year 1.
    static func ticks(_ date: Date) -> Int64 {
        (Int64(date.timeIntervalSince1970 * 1_000_000) + 62_135_596_800_000_000) * 10
    }

    private static func padded(_ number: Int64, _ width: Int) -> String {
        let digits = "\(number)"
        return String(repeating: "0", count: max(width - digits.count, 0)) + digits
    }
}
