import Foundation

/// Finds out whether a folder here is the downloads folder that slskd writes to: both must show the same names.
struct SlskdMapping: Sendable {
    enum Result: Sendable, Equatable {
        case same
        /// Nothing speaks against it; why it cannot be told.
        case unproven(String)
        /// What is wrong, and what to do.
        case different(String)
    }

    private let folder: URL
    private var path: String { folder.path(percentEncoded: false) }

    init(_ folder: URL) { self.folder = folder }

    /// What is wrong with the folder itself.
    func localProblem() async throws -> String? {
        let path = path
        return try await blocking {
            var isDirectory: ObjCBool = false
            guard FileManager.default.fileExists(atPath: path, isDirectory: &isDirectory), isDirectory.boolValue else {
                return "SLSKD_DOWNLOADS_DIR \(path) is not there; mount slskd's downloads folder at this place"
            }
            guard access(path, R_OK | X_OK) == 0 else {
                return "SLSKD_DOWNLOADS_DIR \(path) cannot be read; check its owner and mode, and PUID and PGID"
            }
            return nil
        }
    }

    /// Compares what slskd and this process see. Names come and go, so a difference is looked at twice.
    func compare(_ client: SlskdClient) async throws -> Result {
        let first = try await look(client)
        guard case .different = first else { return first }
        try await Task.sleep(for: .milliseconds(500))
        return try await look(client)
    }

    private func look(_ client: SlskdClient) async throws -> Result {
        guard let directory = try await client.downloadsFolder() else {
            return .unproven("slskd does not show its downloads folder to this key")
        }
        let theirs = Self.visible(directory.directories.map(\.name) + directory.files.map(\.name))
        let path = path
        let ours = try await blocking { Self.visible(try FileManager.default.contentsOfDirectory(atPath: path)) }
        return judge(theirs, ours)
    }

    /// Most of what slskd shows must be here: the rest may just have come or gone.
    private func judge(_ theirs: Set<String>, _ ours: Set<String>) -> Result {
        switch (theirs.isEmpty, ours.isEmpty) {
        case (true, true): return .unproven("slskd's downloads folder is empty, and so is \(path)")
        case (true, false):
            return different("slskd sees an empty folder, and here it holds \(ours.count) files or folders")
        default:
            let missing = theirs.subtracting(ours)
            guard missing.count * 2 > theirs.count else { return .same }
            return different(
                "\(missing.count) of \(theirs.count) files or folders that slskd sees are not here, such as "
                    + "\((missing.min() ?? "").prefix(80).debugDescription)")
        }
    }

    private func different(_ finding: String) -> Result {
        .different(
            "SLSKD_DOWNLOADS_DIR \(path) is not slskd's downloads folder: \(finding). Mount the folder that slskd's "
                + "settings name under directories, downloads")
    }

    /// slskd leaves hidden files out.
    private static func visible(_ names: [String]) -> Set<String> { Set(names.filter { !$0.hasPrefix(".") }) }
}
