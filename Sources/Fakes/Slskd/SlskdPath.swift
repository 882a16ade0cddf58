/// Converts paths of peers into local paths, with the rules of slskd.
enum SlskdPath {
    /// Returns the last segment as a safe name; `nil` if there is none.
    static func name(of remote: String) -> String? {
        guard let last = segments(remote, keepsEmpty: true).last, !last.isEmpty, !stripped(remote).isEmpty else {
            return nil
        }
        return safe(last)
    }

    /// Returns the folders between the root of the peer and the file, as safe names.
    static func folders(of remote: String) -> [String] {
        segments(stripped(remote)).dropLast().map(safe)
    }

    /// Returns the folder below the downloads folder: the last folder of the peer, if there is one.
    static func lastFolder(of remote: String) -> String? {
        folders(of: sanitized(remote)).last
    }

    /// Returns a relative path that cannot leave its folder.
    static func sanitized(_ path: String) -> String { segments(path).map(safe).joined(separator: "/") }

    static func hasTraversal(_ path: String) -> Bool { segments(path).contains { $0 == "." || $0 == ".." } }

    /// Returns the folder of the peer as it is listed: everything before the last separator.
    static func remoteFolder(of remote: String) -> String {
        let scalars = remote.unicodeScalars
        guard let cut = scalars.lastIndex(where: { $0 == "\\" || $0 == "/" }) else { return "" }
        return String(scalars[..<cut])
    }

    /// Replaces only the characters that no name can contain. All other characters of a hostile name stay.
    static func safe(_ segment: String) -> String {
        guard segment != ".", segment != ".." else { return "_" }
        let banned: [Unicode.Scalar] = ["/", "\\", "\0"]
        return String(String.UnicodeScalarView(segment.unicodeScalars.map { banned.contains($0) ? "_" : $0 }))
    }

    /// Removes a drive, a server and the `@@hash` of SoulseekQt, in this order.
    static func stripped(_ remote: String) -> String {
        var rest = Substring(remote)
        rest = rest.trimmingPrefix(#/[a-zA-Z]:[\/\\]?/#)
        rest = rest.trimmingPrefix(#/[\/\\]{2}[^\/\\]+[\/\\]?/#)
        rest = rest.trimmingPrefix(#/@@[a-zA-Z0-9]{5,}[\/\\]?/#)
        return String(rest)
    }

    private static func segments(_ path: String, keepsEmpty: Bool = false) -> [String] {
        path.unicodeScalars.split(omittingEmptySubsequences: !keepsEmpty) { $0 == "\\" || $0 == "/" }.map(String.init)
    }
}
