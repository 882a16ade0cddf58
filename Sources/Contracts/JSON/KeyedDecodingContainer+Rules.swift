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

    /// Reads a whole number. The error for a fraction contains its place, which Foundation's error does not.
    func decodeWhole(forKey key: Key) throws -> Int? {
        do {
            return try decodeIfPresent(Int.self, forKey: key)
        } catch let error as DecodingError {
            throw error
        } catch {
            // Foundation throws an error without a coding path here.
            throw ContractViolation(path: codingPath + [key], problem: "must be a whole number")
        }
    }

    /// Reads a priority, 0 … 9.
    func decodePriority(forKey key: Key) throws -> Int? {
        guard let priority = try decodeWhole(forKey: key) else { return nil }
        guard (0...9).contains(priority) else {
            throw ContractViolation(path: codingPath + [key], problem: "must lie between 0 and 9")
        }
        return priority
    }
}
