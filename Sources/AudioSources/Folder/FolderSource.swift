import Contracts
import Foundation
public import Logging
import Synchronization

/// Offers and copies files from trees of audio files on local or mounted disks.
///
/// A process that searches also runs ``run()``, which keeps the index up to date. An offer contains the absolute path
/// of its file, so every process must see the trees at the same path.
public final class FolderSource: SearchSource, FetchSource {
    public static let sourceName = "folder"

    let configuration: FolderSourceConfiguration
    let roots: [FolderRoot]
    let index: FolderIndex?
    let logger: Logger
    let scanning = Mutex(ScanState())
    let transfers = Mutex<[JobID: [UUID: Task<AcquiredFile, any Error>]]>([:])

    public var name: String { Self.sourceName }

    /// Opens or creates the index. Blocks.
    ///
    /// - Throws: ``SourceError`` when the index cannot be used, for example because a newer release created it.
    public init(_ configuration: FolderSourceConfiguration, logger: Logger) throws {
        self.configuration = configuration
        self.logger = logger
        roots = configuration.roots.map(FolderRoot.init)
        index = try configuration.indexPath.map(FolderIndex.init)
    }

    /// Ready when all trees can be read and, in a process that searches, each was scanned completely once.
    ///
    /// A tree that is empty but had files before counts as missing: its disk is probably not mounted, and a search
    /// would wrongly find nothing.
    public func readiness() async -> SourceReadiness {
        guard !roots.isEmpty else {
            return .notReady("HDM_FOLDER_SOURCE_DIRS is not set; set it to your music folders")
        }
        do {
            for root in roots {
                if let problem = try await blocking({ root.problem }) { return .notReady(problem) }
            }
            guard let index else { return .ready }
            return try await readiness(of: index)
        } catch {
            return .notReady("the folder index cannot be read: \(error)")
        }
    }

    private func readiness(of index: FolderIndex) async throws -> SourceReadiness {
        for root in roots where try await blocking({ root.isEmpty }) {
            guard try await index.hasFiles(under: root.path) else { continue }
            return .notReady("\(root.path) is empty but had files before; check that its disk is mounted")
        }
        let scanned = try await index.scannedRoots()
        guard let missing = roots.first(where: { !scanned.contains($0.path) }) else { return .ready }
        startScan()
        return .notReady("\(missing.path) is being scanned for the first time: \(status.filesSeen) files so far")
    }
}
