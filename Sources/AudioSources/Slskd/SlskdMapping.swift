import Foundation

/// Checks whether a local folder is slskd's downloads folder. Both must contain the same names.
struct SlskdMapping: Sendable {
    enum Result: Sendable, Equatable {
        case same
        /// No difference was found, but the check is not conclusive. Holds the reason.
        case unproven(String)
        /// The difference, and what to do.
        case different(String)
    }

    private let folder: URL
    private var path: String { folder.path(percentEncoded: false) }

    init(_ folder: URL) { self.folder = folder }

    /// Returns why the local folder cannot be used; `nil` when it can.
    func localProblem() async throws -> String? {
        let path = path
        return try await blocking {
            var isDirectory: ObjCBool = false
            guard FileManager.default.fileExists(atPath: path, isDirectory: &isDirectory), isDirectory.boolValue else {
                return "SLSKD_DOWNLOADS_DIR \(path) does not exist; mount slskd's downloads folder there"
            }
            guard access(path, R_OK | X_OK) == 0 else {
                return "SLSKD_DOWNLOADS_DIR \(path) cannot be read; check its owner and mode, and PUID and PGID"
            }
            return nil
        }
    }

    /// Compares the names that slskd and this process see. Files appear and disappear at any time, so a difference is
    /// checked a second time.
    func compare(_ client: SlskdClient) async throws -> Result {
        let first = try await compareOnce(client)
        guard case .different = first else { return first }
        try await Task.sleep(for: .milliseconds(500))
        return try await compareOnce(client)
    }

    private func compareOnce(_ client: SlskdClient) async throws -> Result {
        guard let directory = try await client.downloadsFolder() else {
            return .unproven("slskd does not list its downloads folder for this API key")
        }
        let theirs = Self.visible(directory.directories.map(\.name) + directory.files.map(\.name))
        let path = path
        let ours = try await blocking { Self.visible(try FileManager.default.contentsOfDirectory(atPath: path)) }
        return judge(theirs, ours)
    }

    /// Most names that slskd lists must exist locally. The others may have just appeared or disappeared.
    private func judge(_ theirs: Set<String>, _ ours: Set<String>) -> Result {
        switch (theirs.isEmpty, ours.isEmpty) {
        case (true, true): return .unproven("slskd's downloads folder is empty, and so is \(path)")
        case (true, false):
            return different("slskd lists an empty folder, but here it has \(ours.count) files or folders")
        default:
            let missing = theirs.subtracting(ours)
            guard missing.count * 2 > theirs.count else { return .same }
            return different(
                "\(missing.count) of \(theirs.count) files or folders that slskd lists are missing here, such as "
                    + "\((missing.min() ?? "").prefix(80).debugDescription)")
        }
    }

    private func different(_ finding: String) -> Result {
        .different(
            "SLSKD_DOWNLOADS_DIR \(path) is not slskd's downloads folder: \(finding); mount the folder of slskd's setting "
                + "directories, downloads")
    }

    /// slskd does not list hidden files.
    private static func visible(_ names: [String]) -> Set<String> { Set(names.filter { !$0.hasPrefix(".") }) }
}
