import Foundation

/// Composes URLs. Path segments and query values are percent-encoded.
public enum WebAddress {
    /// Returns `base` with path segments and query items appended.
    public static func url(_ base: String, _ segments: [String], _ query: [(String, String)] = []) -> String {
        let path = segments.map { "/" + encoded($0) }.joined()
        let items = query.map { "\($0.0)=\(encoded($0.1))" }.joined(separator: "&")
        return base + path + (items.isEmpty ? "" : "?" + items)
    }

    /// Whether a setting is a valid base: absolute, `http` or `https`, without user, query and fragment.
    public static func isBase(_ text: String) -> Bool {
        guard let url = URLComponents(string: text), let host = url.host, !host.isEmpty else { return false }
        return ["http", "https"].contains(url.scheme?.lowercased() ?? "") && url.query == nil && url.fragment == nil
            && url.user == nil
    }

    /// Returns the address without slashes at its end.
    public static func base(_ text: String) -> String {
        var text = text
        while text.hasSuffix("/") { text.removeLast() }
        return text
    }

    /// Returns the text with every character percent-encoded except the unreserved ones of RFC 3986.
    public static func encoded(_ text: String) -> String {
        text.addingPercentEncoding(withAllowedCharacters: unreserved) ?? ""
    }

    private static let unreserved = CharacterSet(
        charactersIn: "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~")
}
