/// How alike two names are, letter by letter.
enum Closeness {
    /// The number of single-letter changes (insert, remove, replace, swap neighbours) up to `limit`; `nil` past it.
    static func distance(_ a: ArraySlice<UInt8>, _ b: ArraySlice<UInt8>, limit: Int) -> Int? {
        guard abs(a.count - b.count) <= limit else { return nil }
        guard limit > 0 else { return a == b ? 0 : nil }
        let a = Array(a)
        let b = Array(b)
        var beforeLast = [Int](repeating: 0, count: b.count + 1)
        var last = Array(0...b.count)
        var row = last
        for i in 0..<a.count {
            row[0] = i + 1
            var best = row[0]
            for j in 0..<b.count {
                var cost = min(last[j] + (a[i] == b[j] ? 0 : 1), last[j + 1] + 1, row[j] + 1)
                if i > 0, j > 0, a[i] == b[j - 1], a[i - 1] == b[j] { cost = min(cost, beforeLast[j - 1] + 1) }
                row[j + 1] = cost
                best = min(best, cost)
            }
            guard best <= limit else { return nil }
            (beforeLast, last, row) = (last, row, beforeLast)
        }
        return last[b.count] <= limit ? last[b.count] : nil
    }

    /// How many changes a name of this length may show and still be the same name with typing errors.
    static func limit(length: Int) -> Int {
        switch length {
        case ..<4: 0
        case ..<9: 1
        case ..<20: 2
        default: 3
        }
    }

    /// 1 for equal, less for each change; `nil` when too many changes or any digit differs: numbers are never typos.
    static func ratio(_ a: ArraySlice<UInt8>, _ b: ArraySlice<UInt8>) -> Double? {
        if a == b { return 1 }
        let limit = limit(length: min(a.count, b.count))
        guard let distance = distance(a, b, limit: limit), digits(a) == digits(b) else { return nil }
        return 1 - Double(distance) / Double(max(a.count, b.count))
    }

    private static func digits(_ letters: ArraySlice<UInt8>) -> [UInt8] { letters.filter { (48...57).contains($0) } }
}

extension Words {
    /// Where a name stands in these words, wherever words are divided, and how closely.
    func find(
        _ name: Words, where accepts: (Range<Int>) -> Bool = { _ in true }
    ) -> (range: Range<Int>, ratio: Double)? {
        guard !name.isEmpty else { return nil }
        let wanted = name.letters[...]
        let slack = Closeness.limit(length: wanted.count)
        let wantedLetters = name.items.reduce(0) { $0 | $1.lettersUsed }
        var best: (range: Range<Int>, ratio: Double)?
        for start in items.indices {
            var end = start
            var lettersUsed: UInt64 = 0
            while end < items.count {
                end += 1
                let length = items[end - 1].range.upperBound - items[start].range.lowerBound
                if length > wanted.count + slack { break }
                lettersUsed |= items[end - 1].lettersUsed
                guard length >= wanted.count - slack,
                    (lettersUsed ^ wantedLetters).nonzeroBitCount <= 2 * slack,
                    let ratio = Closeness.ratio(letters(start..<end), wanted),
                    ratio > best?.ratio ?? 0, accepts(start..<end)
                else { continue }
                best = (start..<end, ratio)
                if ratio == 1 { return best }
            }
        }
        return best
    }
}
