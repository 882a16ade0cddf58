import Crypto
import Foundation

/// The state of the fake accounts service: the app, codes and refresh tokens.
struct AccountsFixture: Sendable {
    struct Code {
        var clientID: String
        var redirectURI: String
        var challenge: String?
        var scope: String
        var issuedAt: Date
        var isUsed = false
    }

    struct Grant {
        var clientID: String
        var scope: String
        /// The time of the consent. Refresh tokens expire six months later, also after a renewal.
        var consentedAt: Date
        var isWithProof: Bool
        var isRevoked = false
    }

    var app: FakeSpotifyAccounts.App
    var codes: [String: Code] = [:]
    var grants: [String: Grant] = [:]
    /// Responses that are sent instead of the next ones.
    var faults: [AccountsResponse] = []
    var log: [AccountsRequest] = []

    static let codeLifetime: TimeInterval = 600

    static func consentEnd(_ start: Date) -> Date {
        var calendar = Calendar(identifier: .gregorian)
        calendar.timeZone = .gmt
        return calendar.date(byAdding: .month, value: 6, to: start) ?? start
    }

    static func challenge(of verifier: String) -> String {
        Data(SHA256.hash(data: Data(verifier.utf8))).base64EncodedString()
            .replacing("+", with: "-").replacing("/", with: "_").replacing("=", with: "")
    }
}

/// A token request to the fake.
public struct AccountsRequest: Sendable {
    /// `authorization_code`, `refresh_token`, `client_credentials`, or another value.
    public let grantType: String
    public let status: Int
}

/// The response to a token request.
public struct AccountsResponse: Sendable {
    public var status: Int
    public var body: String
    public var retryAfter: Int?
    /// Whether the request is processed before this response replaces the right one.
    public var isAfterwards: Bool

    public init(status: Int, body: String = "", retryAfter: Int? = nil, isAfterwards: Bool = false) {
        self.status = status
        self.body = body
        self.retryAfter = retryAfter
        self.isAfterwards = isAfterwards
    }

    /// Creates an error response of the accounts service. Its format differs from the Web API.
    static func refusal(_ error: String, _ text: String) -> AccountsResponse {
        AccountsResponse(status: 400, body: #"{"error":"\#(error)","error_description":"\#(text)"}"#)
    }
}
