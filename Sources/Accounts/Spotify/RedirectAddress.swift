import Foundation

/// The address to which Spotify redirects the user's browser.
struct RedirectAddress: Sendable, Equatable {
    let text: String
    /// The path that the server serves, such as `/callback`.
    let path: String

    /// Reads an address that Spotify accepts: `https`, or `http` with a numeric loopback address.
    /// - Throws: ``Problem``.
    init(_ text: String) throws(Problem) {
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

    /// The problem with an address, as the rest of a sentence that begins with the setting's name.
    struct Problem: Error, Sendable, Equatable, CustomStringConvertible {
        let description: String
    }
}

/// The parameters with which Spotify redirects the user's browser.
struct RedirectResponse: Sendable, Equatable {
    let state: String?
    let code: String?
    /// The reason why there is no code.
    let error: String?

    init(state: String?, code: String?, error: String?) {
        self.state = state
        self.code = code
        self.error = error
    }

    /// Reads an address that a person copied from the browser's address bar.
    ///
    /// - Returns: The parameters, and the address without its query; `nil` when the text is not an address.
    static func read(_ text: String) -> (response: RedirectResponse, address: String)? {
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
