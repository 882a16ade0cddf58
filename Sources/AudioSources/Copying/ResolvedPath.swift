import Foundation

/// An existing path with all links resolved.
struct ResolvedPath {
    let text: String

    /// Resolves a path. Blocks.
    /// - Returns: `nil` when it does not exist; `errno` holds the reason.
    init?(_ path: String) {
        guard let resolved = realpath(path, nil) else { return nil }
        defer { free(resolved) }
        text = String(cString: resolved)
    }
}

extension String {
    /// Whether this path is below the folder `folder`. Paths are compared by bytes, because different bytes can be
    /// equal as text.
    func isBelow(_ folder: String) -> Bool {
        utf8.starts(with: (folder == "/" ? "/" : folder + "/").utf8)
    }
}
