/// The reason why a job became a dead letter or an attempt failed. The raw values are a public contract.
public enum ErrorCode: String, CaseIterable, Codable, Sendable {
    case invalidPayload = "invalid_payload"
    case noMatch = "no_match"
    case noSource = "no_source"
    case retryExhausted = "retry_exhausted"
    case expired
    case verificationFailed = "verification_failed"
    case unsupportedFormat = "unsupported_format"
    case diskFull = "disk_full"
    case permissionDenied = "permission_denied"
    case providerAuth = "provider_auth"
    case providerUnavailable = "provider_unavailable"
    case timeout
    case internalError = "internal_error"
}
