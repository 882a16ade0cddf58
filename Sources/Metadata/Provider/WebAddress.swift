import Foundation

/// Puts addresses together: every segment and every value is encoded.
enum WebAddress {
    static func url(_ base: String, _ segments: [String], _ query: [(String, String)] = []) -> String {
        let path = segments.map { "/" + encoded($0) }.joined()
        let items = query.map { "\($0.0)=\(encoded($0.1))" }.joined(separator: "&")
        return base + path + (items.isEmpty ? "" : "?" + items)
    }

    /// Whether a setting can be the base of addresses; a path is part of it, a query is not.
    static func isBase(_ text: String) -> Bool {
        guard let url = URLComponents(string: text), let host = url.host, !host.isEmpty else { return false }
        return ["http", "https"].contains(url.scheme?.lowercased() ?? "") && url.query == nil && url.fragment == nil
            && url.user == nil
    }

    /// Without slashes at its end.
    static func base(_ text: String) -> String {
        var text = text
        while text.hasSuffix("/") { text.removeLast() }
        return text
    }

    static func encoded(_ text: String) -> String {
        text.addingPercentEncoding(withAllowedCharacters: unreserved) ?? ""
    }

    private static let unreserved = CharacterSet(
        charactersIn: "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~")
}

extension String {
    /// The value of a query's item in an address; `nil` when it has none.
    func queryValue(_ name: String) -> String? {
        drop { $0 != "?" }.dropFirst().split(separator: "&").first { $0.hasPrefix(name + "=") }
            .map { String($0.dropFirst(name.count + 1)) }
    }
}
