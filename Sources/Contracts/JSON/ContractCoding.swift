public import Foundation

/// Reads and writes the JSON documents of the contract.
public enum ContractCoding {
    /// Reads a document.
    /// - Throws: ``ContractViolation`` with the place and the problem. It contains no values of the document.
    public static func decode<Document: Decodable>(
        _ type: Document.Type, from data: Data
    ) throws(ContractViolation)
        -> Document
    {
        if let type = type as? any ByteDocument.Type, let document = try type.init(data) as? Document {
            return document
        }
        do {
            let decoder = JSONDecoder()
            if type == JobDocument.self || type == JobEvent.Plain.self, let key = JSONValue.roundsNumbers {
                decoder.userInfo[key] = true
            }
            return try decoder.decode(type, from: data)
        } catch {
            throw ContractViolation(error)
        }
    }

    /// Writes a document.
    /// - Parameter sorted: Whether keys are sorted, so that equal documents have equal text.
    public static func encode(_ document: some Encodable, sorted: Bool = false) throws -> Data {
        if let document = document as? any ByteDocument { return try document.encoded() }
        let encoder = JSONEncoder()
        encoder.outputFormatting = sorted ? [.sortedKeys, .withoutEscapingSlashes] : .withoutEscapingSlashes
        return try encoder.encode(document)
    }
}

/// A document with parts that are passed on byte for byte, which Foundation's coders do not do.
protocol ByteDocument {
    init(_ bytes: Data) throws(ContractViolation)
    func encoded() throws -> Data
}
