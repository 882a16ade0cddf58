extension KeyedDecodingContainer {
    /// Checks that a document names the schema that its reader expects.
    func requireSchema(_ schema: String, forKey key: Key) throws {
        guard try decode(String.self, forKey: key) == schema else {
            throw ContractViolation(path: codingPath + [key], problem: "must be \"\(schema)\"")
        }
    }

    /// Reads one of a closed set of words. The error for another word lists the set.
    func decodeChoice<Choice: RawRepresentable & CaseIterable>(_: Choice.Type, forKey key: Key) throws -> Choice?
    where Choice.RawValue == String {
        guard let word = try decodeIfPresent(String.self, forKey: key) else { return nil }
        guard let choice = Choice(rawValue: word) else {
            let words = Choice.allCases.map { $0.rawValue }.joined(separator: ", ")
            throw ContractViolation(path: codingPath + [key], problem: "must be one of \(words)")
        }
        return choice
    }

    /// Reads a whole number within limits; `nil` if it is missing.
    func decodeWholeIfPresent<Whole: FixedWidthInteger & Decodable>(
        forKey key: Key, in limits: ClosedRange<Whole>
    ) throws -> Whole? {
        let number: Whole?
        do {
            number = try decodeIfPresent(Whole.self, forKey: key)
        } catch let error as DecodingError {
            throw error
        } catch {
            // Foundation throws an error without a coding path for a fraction.
            throw ContractViolation(path: codingPath + [key], problem: "must be a whole number")
        }
        guard let number else { return nil }
        guard limits.contains(number) else {
            throw ContractViolation(
                path: codingPath + [key], problem: "must lie between \(limits.lowerBound) and \(limits.upperBound)")
        }
        return number
    }

    /// Reads a whole number within limits.
    func decodeWhole<Whole: FixedWidthInteger & Decodable>(
        forKey key: Key, in limits: ClosedRange<Whole>
    ) throws -> Whole {
        guard contains(key) else { return try decode(Whole.self, forKey: key) }
        guard let number = try decodeWholeIfPresent(forKey: key, in: limits) else {
            return try decode(Whole.self, forKey: key)
        }
        return number
    }

    /// Reads an object whose members are counts.
    func decodeCounts(forKey key: Key) throws -> [String: Int] {
        let counts = try decode([String: Int].self, forKey: key)
        for (name, count) in counts where !(0...Limits.number).contains(count) {
            throw ContractViolation(
                path: codingPath + [key, AnyKey(stringValue: name)],
                problem: "must lie between 0 and \(Limits.number)")
        }
        return counts
    }

    /// Reads a priority, 0 … 9.
    func decodePriority(forKey key: Key) throws -> Int? { try decodeWholeIfPresent(forKey: key, in: 0...9) }
}
