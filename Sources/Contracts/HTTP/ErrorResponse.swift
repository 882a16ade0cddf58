/// The error envelope of the HTTP API and of the response to a submission that was rejected.
public struct ErrorResponse: Codable, Sendable, Equatable {
    public var ok = false
    public var error: Body

    /// The error.
    public struct Body: Codable, Sendable, Equatable {
        public var code: APIErrorCode
        public var message: String
        public var meta: [String: JSONValue]?
    }

    public init(_ code: APIErrorCode, _ message: String, meta: [String: JSONValue]? = nil) {
        error = Body(code: code, message: message, meta: meta)
    }

    /// Creates the response to a document that violates the contract.
    public init(_ violation: ContractViolation) {
        self.init(
            .validationError, violation.description,
            meta: ["field": .string(violation.path), "problem": .string(violation.problem)])
    }
}

/// The error codes of the HTTP API. The raw values are a public contract.
public enum APIErrorCode: String, Codable, Sendable, CaseIterable {
    case validationError = "VALIDATION_ERROR"
    case authRequired = "AUTH_REQUIRED"
    case forbidden = "FORBIDDEN"
    case notFound = "NOT_FOUND"
    case conflict = "CONFLICT"
    case payloadTooLarge = "PAYLOAD_TOO_LARGE"
    case rateLimited = "RATE_LIMITED"
    case dependencyError = "DEPENDENCY_ERROR"
    case internalError = "INTERNAL_ERROR"

    /// The HTTP status (RFC 9110) of responses with this code.
    public var status: Int {
        switch self {
        case .validationError: 400
        case .authRequired: 401
        case .forbidden: 403
        case .notFound: 404
        case .conflict: 409
        case .payloadTooLarge: 413
        case .rateLimited: 429
        case .dependencyError: 503
        case .internalError: 500
        }
    }
}
