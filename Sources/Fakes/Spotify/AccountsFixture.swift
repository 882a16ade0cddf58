import Crypto
import Foundation

/// What the stand-in for the accounts service knows: apps, codes and refresh tokens. A value; its owner locks it.
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
        /// When the user agreed: a refresh token lives six months from then, however often it is renewed.
        var consentedAt: Date
        var isWithProof: Bool
        var isRevoked = false
    }

    var app: FakeSpotifyAccounts.App
    var codes: [String: Code] = [:]
    var grants: [String: Grant] = [:]
    /// CannedResponses that are given instead of the next ones.
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

/// A request for tokens that the stand-in got.
public struct AccountsRequest: Sendable {
    /// `authorization_code`, `refresh_token`, `client_credentials`, or what else was sent.
    public let grantType: String
    public let status: Int
}

/// What the stand-in answers to a request for tokens.
public struct AccountsResponse: Sendable {
    public var status: Int
    public var body: String
    public var retryAfter: Int?
    /// Does everything that the right answer means, and then says this.
    public var isAfterwards: Bool

    public init(status: Int, body: String = "", retryAfter: Int? = nil, isAfterwards: Bool = false) {
        self.status = status
        self.body = body
        self.retryAfter = retryAfter
        self.isAfterwards = isAfterwards
    }

    /// The accounts service's shape of an error, which is not the Web API's.
    static func refusal(_ error: String, _ text: String) -> AccountsResponse {
        AccountsResponse(status: 400, body: #"{"error":"\#(error)","error_description":"\#(text)"}"#)
    }
}
