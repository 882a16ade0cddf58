import Contracts
import Foundation
import Hummingbird

/// Receives requests and passes them to the fake accounts service.
struct AccountsResponder: HTTPResponder {
    typealias Context = FakeContext

    let fake: FakeSpotifyAccounts

    func respond(to request: Request, context: FakeContext) async throws -> Response {
        let body = try await request.body.collect(upTo: 64 << 10)
        return try fake.respond(to: FakeCall(request.head, body: Data(body.readableBytesView))).response()
    }
}

extension FakeSpotifyAccounts {
    /// Processes a request. The user consents on every page.
    func respond(to call: FakeCall) -> FakeResponse {
        switch (call.method, call.segments) {
        case ("GET", ["authorize"]):
            do throws(PageError) {
                return FakeResponse(status: 302, headers: ["Location": try authorize(call.query, .agree)])
            } catch {
                return FakeResponse(status: 400, body: .plain(error.description))
            }
        case ("POST", ["api", "token"]): return token(AccountsFixture.TokenRequest(call)).fakeResponse
        default: return .empty(404)
        }
    }
}

extension AccountsFixture.TokenRequest {
    init(_ call: FakeCall) {
        let type = call.header("Content-Type")?.lowercased() ?? ""
        self.init(
            form: call.form, basic: Self.basic(call.header("Authorization")),
            isForm: type.hasPrefix("application/x-www-form-urlencoded"))
    }

    private static func basic(_ field: String?) -> (id: String, secret: String)? {
        guard let field, field.hasPrefix("Basic "), let data = Data(base64Encoded: String(field.dropFirst(6))) else {
            return nil
        }
        let parts = String(decoding: data, as: UTF8.self).split(separator: ":", maxSplits: 1)
        return parts.count == 2 ? (String(parts[0]), String(parts[1])) : ("", "")
    }
}

extension AccountsResponse {
    fileprivate var fakeResponse: FakeResponse {
        let headers = retryAfter.map { ["Retry-After": "\($0)"] } ?? [:]
        let json = try? ContractCoding.decode(JSONValue.self, from: Data(body.utf8))
        return FakeResponse(status: status, body: json.map { .json($0) } ?? .plain(body), headers: headers)
    }
}

// MARK: - Web API and accounts service on one address

extension FakeSpotify {
    /// Serves an accounts service on the address of this fake, and accepts the tokens that it issues.
    ///
    /// - Parameter user: The user of the tokens.
    public func serve(_ accounts: FakeSpotifyAccounts, user: String) {
        self.accounts.withLock { handler in
            handler = { [weak self] call in
                let response = accounts.respond(to: call)
                self?.fixture.withLock { fixture in
                    for (text, token) in accounts.tokens.tokens(of: user) { fixture.tokens[text] = token }
                }
                return response
            }
        }
    }
}

extension SpotifyTokenStore {
    /// Returns the tokens in the form of the fake Web API.
    fileprivate func tokens(of user: String) -> [String: SpotifyToken] {
        all.mapValues { holder, end in
            switch holder {
            case .app: SpotifyToken(user: nil, scopes: [], expiresAt: end)
            case .user(let scopes): SpotifyToken(user: user, scopes: scopes, expiresAt: end)
            }
        }
    }
}
