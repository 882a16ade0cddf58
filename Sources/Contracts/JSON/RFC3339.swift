/// Converts dates and times in RFC 3339 from and to milliseconds since 1970 in UTC.
///
/// Foundation's format style is not used: it takes a tenth of the time of a stage, ignores text after a time, and reads
/// the 30th of February as the 2nd of March.
enum RFC3339 {
    /// Reads a date and time with an offset. Digits below a millisecond are dropped.
    /// - Returns: `nil` for other text, and for days and times that do not exist.
    static func milliseconds(of text: String) -> Int64? {
        var reader = DigitReader(text.utf8)
        guard let day = readDay(&reader), reader.take(UInt8(ascii: "T"), or: UInt8(ascii: "t")),
            let time = readTime(&reader), let offset = readOffset(&reader), reader.isAtEnd
        else { return nil }
        return day * 86_400_000 + time - offset
    }

    /// Writes UTC with three digits of milliseconds.
    static func text(of milliseconds: Int64) -> String {
        let (day, time) = milliseconds.quotientAndRemainder(floored: 86_400_000)
        let date = civil(fromDay: day)
        let seconds = time / 1000
        return pad(date.year, 4) + "-" + pad(date.month, 2) + "-" + pad(date.day, 2) + "T" + pad(seconds / 3600, 2)
            + ":" + pad(seconds / 60 % 60, 2) + ":" + pad(seconds % 60, 2) + "." + pad(time % 1000, 3) + "Z"
    }

    private static func readDay(_ reader: inout DigitReader) -> Int64? {
        guard let year = reader.number(4), reader.take(UInt8(ascii: "-")), let month = reader.number(2),
            reader.take(UInt8(ascii: "-")), let day = reader.number(2), (1...12).contains(month)
        else { return nil }
        let number = dayNumber(year, month, day)
        // The number of a day that does not exist is that of another day.
        return civil(fromDay: number) == (year, month, day) ? number : nil
    }

    private static func readTime(_ reader: inout DigitReader) -> Int64? {
        guard let hour = reader.number(2), reader.take(UInt8(ascii: ":")), let minute = reader.number(2),
            reader.take(UInt8(ascii: ":")), let second = reader.number(2), hour < 24, minute < 60, second < 60,
            let fraction = reader.fraction()
        else { return nil }
        return ((hour * 60 + minute) * 60 + second) * 1000 + fraction
    }

    private static func readOffset(_ reader: inout DigitReader) -> Int64? {
        if reader.take(UInt8(ascii: "Z"), or: UInt8(ascii: "z")) { return 0 }
        let sign: Int64 = reader.take(UInt8(ascii: "+")) ? 1 : -1
        guard sign > 0 || reader.take(UInt8(ascii: "-")), let hour = reader.number(2), reader.take(UInt8(ascii: ":")),
            let minute = reader.number(2), hour < 24, minute < 60
        else { return nil }
        return sign * (hour * 60 + minute) * 60_000
    }

    /// Returns the days since 1970 of a date of the Gregorian calendar. Years begin in March, so that leap days come
    /// last.
    private static func dayNumber(_ year: Int64, _ month: Int64, _ day: Int64) -> Int64 {
        let year = month <= 2 ? year - 1 : year
        let (era, yearOfEra) = year.quotientAndRemainder(floored: 400)
        let dayOfYear = (153 * ((month + 9) % 12) + 2) / 5 + day - 1
        return era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468
    }

    private static func civil(fromDay number: Int64) -> (year: Int64, month: Int64, day: Int64) {
        let (era, dayOfEra) = (number + 719_468).quotientAndRemainder(floored: 146_097)
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let shifted = (5 * dayOfYear + 2) / 153
        let month = (shifted + 2) % 12 + 1
        return (era * 400 + yearOfEra + (month <= 2 ? 1 : 0), month, dayOfYear - (153 * shifted + 2) / 5 + 1)
    }

    private static func pad(_ number: Int64, _ width: Int) -> String {
        let digits = String(number)
        return digits.utf8.count < width ? String(repeating: "0", count: width - digits.utf8.count) + digits : digits
    }
}

/// Reads digits and signs from the front of a text.
private struct DigitReader {
    private var rest: Substring.UTF8View

    init(_ text: String.UTF8View) { rest = text[...] }

    var isAtEnd: Bool { rest.isEmpty }

    mutating func take(_ byte: UInt8, or other: UInt8? = nil) -> Bool {
        guard let first = rest.first, first == byte || first == other else { return false }
        rest.removeFirst()
        return true
    }

    /// Reads a number of exactly `count` digits.
    mutating func number(_ count: Int) -> Int64? {
        var value: Int64 = 0
        for _ in 0..<count {
            guard let digit = digit() else { return nil }
            value = value * 10 + digit
        }
        return value
    }

    /// Reads a fraction in milliseconds; 0 if there is none, `nil` for a point without digits.
    mutating func fraction() -> Int64? {
        guard take(UInt8(ascii: ".")) else { return 0 }
        guard var value = digit() else { return nil }
        var count = 1
        while let digit = digit() {
            if count < 3 { value = value * 10 + digit }
            count += 1
        }
        return value * (count == 1 ? 100 : count == 2 ? 10 : 1)
    }

    private mutating func digit() -> Int64? {
        guard let byte = rest.first, (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) else { return nil }
        rest.removeFirst()
        return Int64(byte - UInt8(ascii: "0"))
    }
}

extension Int64 {
    /// Returns the quotient, rounded down, and the remainder, which is not negative.
    fileprivate func quotientAndRemainder(floored divisor: Int64) -> (quotient: Int64, remainder: Int64) {
        let (quotient, remainder) = quotientAndRemainder(dividingBy: divisor)
        return remainder < 0 ? (quotient - 1, remainder + divisor) : (quotient, remainder)
    }
}
