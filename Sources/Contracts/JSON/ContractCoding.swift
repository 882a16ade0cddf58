public import Foundation

/// Reads and writes the JSON of the contract.
public enum ContractCoding {
    /// Reads a document.
    /// - Throws: ``ContractViolation`` with the place and the problem, never text from the document's values.
    public static func decode<Document: Decodable>(
        _ type: Document.Type, from data: Data
    ) throws(ContractViolation)
        -> Document
    {
        do {
            return try JSONDecoder().decode(type, from: data)
        } catch {
            throw ContractViolation(error)
        }
    }

    /// Writes a document; keys are sorted where `sorted` asks for a text that stays the same.
    public static func encode(_ document: some Encodable, sorted: Bool = false) throws -> Data {
        let encoder = JSONEncoder()
        encoder.outputFormatting = sorted ? [.sortedKeys, .withoutEscapingSlashes] : .withoutEscapingSlashes
        return try encoder.encode(document)
    }
}
