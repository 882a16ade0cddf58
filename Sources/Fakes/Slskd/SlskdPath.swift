/// How slskd turns a peer's path into a path of its own.
enum SlskdPath {
    /// The last segment, safe as a name; `nil` when there is none.
    static func name(of remote: String) -> String? {
        guard let last = segments(remote, keepsEmpty: true).last, !last.isEmpty, !stripped(remote).isEmpty else {
            return nil
        }
        return safe(last)
    }

    /// The folders between the peer's root and the file, safe as names.
    static func folders(of remote: String) -> [String] {
        segments(stripped(remote)).dropLast().map(safe)
    }

    /// The folder below the downloads: the last one of the peer's, or none.
    static func lastFolder(of remote: String) -> String? {
        folders(of: sanitized(remote)).last
    }

    /// A path that cannot leave the place where it begins.
    static func sanitized(_ path: String) -> String { segments(path).map(safe).joined(separator: "/") }

    static func hasTraversal(_ path: String) -> Bool { segments(path).contains { $0 == "." || $0 == ".." } }

    /// The peer's folder as it is listed: everything before the last separator.
    static func remoteFolder(of remote: String) -> String {
        let scalars = remote.unicodeScalars
        guard let cut = scalars.lastIndex(where: { $0 == "\\" || $0 == "/" }) else { return "" }
        return String(scalars[..<cut])
    }

    /// Only what no name may hold is replaced; all the rest of a hostile name survives.
    static func safe(_ segment: String) -> String {
        guard segment != ".", segment != ".." else { return "_" }
        let banned: [Unicode.Scalar] = ["/", "\\", "\0"]
        return String(String.UnicodeScalarView(segment.unicodeScalars.map { banned.contains($0) ? "_" : $0 }))
    }

    /// Without a drive, a server or SoulseekQt's `@@hash`, in this order.
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
