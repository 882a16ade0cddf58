import Contracts
import Foundation
import Hummingbird

/// Takes requests in for the accounts service's stand-in.
struct AccountsResponder: HTTPResponder {
    typealias Context = FakeContext

    let fake: FakeSpotifyAccounts

    func respond(to request: Request, context: FakeContext) async throws -> Response {
        let body = try await request.body.collect(upTo: 64 << 10)
        return try fake.answer(FakeCall(request.head, body: Data(body.readableBytesView))).response()
    }
}

extension FakeSpotifyAccounts {
    /// What the accounts service says to a request; a browser that opens the page finds a user who agrees.
    func answer(_ call: FakeCall) -> FakeResponse {
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

// MARK: - Together with the Web API

extension FakeSpotify {
    /// CannedResponses for the accounts service on this stand-in's address, too, and takes the tokens that it issues.
    ///
    /// - Parameter user: who signs in.
    public func take(_ accounts: FakeSpotifyAccounts, user: String) {
        self.accounts.withLock { answer in
            answer = { [weak self] call in
                let answer = accounts.answer(call)
                self?.fixture.withLock { fixture in
                    for (text, token) in accounts.tokens.tokens(of: user) { fixture.tokens[text] = token }
                }
                return answer
            }
        }
    }
}

extension SpotifyTokenBook {
    /// The tokens as the Web API's stand-in keeps them.
    fileprivate func tokens(of user: String) -> [String: SpotifyToken] {
        all.mapValues { holder, end in
            switch holder {
            case .app: SpotifyToken(user: nil, scopes: [], expiresAt: end)
            case .user(let scopes): SpotifyToken(user: user, scopes: scopes, expiresAt: end)
            }
        }
    }
}
