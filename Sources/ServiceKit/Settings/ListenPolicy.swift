/// Decides whether a service may listen on an address.
///
/// A service without API keys obeys everyone who reaches it, so it listens on the loopback interface only. An operator
/// can allow more: with API keys, with `HDM_OPEN=true`, or with `HDM_PUBLISHED_ON` when a container's port is published
/// on a loopback address.
public enum ListenPolicy {
    /// Checks the address that a service is to listen on.
    /// - Throws: ``SettingsError`` when the address is reachable from other machines and nothing allows that.
    static func check(_ host: String, _ settings: Settings) throws(SettingsError) {
        guard !isLoopback(host), try !settings.flag("HDM_OPEN", default: false) else { return }
        if let published = settings.text("HDM_PUBLISHED_ON"), isLoopback(published) { return }
        let keys = try settings.secret("HARMONY_API_KEYS") ?? ""
        guard keys.allSatisfy({ $0 == "," || $0.isWhitespace }) else { return }
        throw SettingsError(
            "HDM_HTTP_HOST",
            "is \(host), which other machines can reach, and HARMONY_API_KEYS is not set: set HARMONY_API_KEYS, or use "
                + "HDM_HTTP_HOST=127.0.0.1, or allow access without a key with HDM_OPEN=true")
    }

    /// Whether only processes of this machine can reach the address: `localhost`, `127.0.0.0/8` or `::1`.
    static func isLoopback(_ host: String) -> Bool {
        let host = host.lowercased()
        if ["localhost", "::1", "[::1]"].contains(host) { return true }
        let parts = host.split(separator: ".", omittingEmptySubsequences: false)
        return parts.count == 4 && parts[0] == "127" && parts.allSatisfy { UInt8($0) != nil }
    }

    /// Returns the host of a URL that reaches a service of this machine which listens on `address`.
    public static func urlHost(_ address: String) -> String {
        switch address {
        case "0.0.0.0", "": "127.0.0.1"
        case "::": "[::1]"
        default: address.contains(":") && !address.hasPrefix("[") ? "[\(address)]" : address
        }
    }
}
