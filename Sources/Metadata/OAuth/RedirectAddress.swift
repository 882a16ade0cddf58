import Foundation

/// Where Spotify sends a user back to.
public struct RedirectAddress: Sendable, Equatable {
    public let text: String
    /// Where the server answers: `/callback`, for example.
    public let path: String

    /// Takes what Spotify takes: `https`, or `http` to a loopback address given as a number.
    /// - Throws: ``Problem``.
    public init(_ text: String) throws(Problem) {
        guard let parts = URLComponents(string: text), let host = parts.host, !host.isEmpty, parts.user == nil,
            parts.query == nil, parts.fragment == nil
        else { throw Problem(description: "must be an absolute address without a query") }
        switch parts.scheme {
        case "https": break
        case "http" where ["127.0.0.1", "::1", "[::1]"].contains(host): break
        case "http" where host == "localhost":
            throw Problem(description: "must not name localhost, which Spotify refuses: write http://127.0.0.1:PORT/…")
        default:
            throw Problem(
                description: "must begin with https://, or with http://127.0.0.1: or http://[::1]: for this machine")
        }
        guard parts.path.count > 1, !parts.path.contains(where: { ":*{}".contains($0) }) else {
            throw Problem(description: "must have a path, such as /callback")
        }
        self.text = text
        path = parts.path
    }

    /// What is wrong with an address, as a sentence part.
    public struct Problem: Error, Sendable, Equatable, CustomStringConvertible {
        public let description: String
    }
}

/// What Spotify told the user's browser to come back with.
public struct RedirectResponse: Sendable, Equatable {
    public let state: String?
    public let code: String?
    /// Why there is no code.
    public let error: String?

    public init(state: String?, code: String?, error: String?) {
        self.state = state
        self.code = code
        self.error = error
    }

    /// Reads the address that the browser was sent to, which a person may have copied out of its address bar.
    ///
    /// - Returns: the answer and the address before the query; `nil` when it is no address.
    public static func read(_ text: String) -> (answer: RedirectResponse, address: String)? {
        let text = text.trimmingCharacters(in: .whitespacesAndNewlines)
        guard let parts = URLComponents(string: text), let items = parts.queryItems, parts.host != nil else {
            return nil
        }
        func value(_ name: String) -> String? {
            items.first { $0.name == name }?.value.flatMap { $0.isEmpty ? nil : $0 }
        }
        var address = parts
        address.query = nil
        address.fragment = nil
        guard let base = address.string else { return nil }
        return (RedirectResponse(state: value("state"), code: value("code"), error: value("error")), base)
    }
}
