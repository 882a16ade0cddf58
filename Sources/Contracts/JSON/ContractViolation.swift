/// A violation of the contract by a document: the place and the problem.
public struct ContractViolation: Error, Sendable, Equatable, CustomStringConvertible {
    /// The place in the document as a JSON Pointer (RFC 6901); empty for the document itself.
    public var path: String
    /// The problem as a part of a sentence: "is missing", "must be a number".
    public var problem: String

    public init(path: String, problem: String) {
        self.path = path
        self.problem = problem
    }

    public init(path: [any CodingKey], problem: String) {
        self.init(path: path.jsonPointer, problem: problem)
    }

    public var description: String { "\(path.isEmpty ? "the document" : path) \(problem)" }

    /// Creates a violation from the error of a decoder. Other errors become a violation of the whole document.
    public init(_ error: any Error) {
        switch error {
        case let violation as ContractViolation:
            self = violation
        case DecodingError.keyNotFound(let key, let context):
            self.init(path: context.codingPath + [key], problem: "is missing")
        case DecodingError.valueNotFound(_, let context):
            self.init(path: context.codingPath, problem: "must not be null")
        case DecodingError.typeMismatch(let type, let context):
            self.init(path: context.codingPath, problem: "must be \(Self.name(of: type))")
        case DecodingError.dataCorrupted(let context) where !context.codingPath.isEmpty:
            // The decoder's message contains the value.
            self.init(path: context.codingPath, problem: "has a value that is not allowed")
        default:
            self.init(path: "", problem: "is not well-formed JSON")
        }
    }

    private static func name(of type: any Any.Type) -> String {
        switch type {
        case is String.Type: "a string"
        case is Bool.Type: "true or false"
        case is Int.Type, is Int64.Type, is UInt8.Type: "a whole number"
        case is Double.Type: "a number"
        case is any Collection.Type where !(type is [String: JSONValue].Type): "a list"
        default: "an object"
        }
    }
}

extension [any CodingKey] {
    /// The path as a JSON Pointer (RFC 6901).
    public var jsonPointer: String {
        map { key in
            let token = key.intValue.map(String.init) ?? key.stringValue
            return "/" + token.replacing("~", with: "~0").replacing("/", with: "~1")
        }.joined()
    }
}
