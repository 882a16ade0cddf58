import AudioFiles
import Foundation
import Logging

/// One scan of all trees: reads new and changed files, and deletes missing files from the index.
///
/// A scan can stop at any point and be repeated. Concurrent scans, also of two processes, are safe, because each step
/// compares one folder on the disk with the same folder in the index.
struct FolderScan: Sendable {
    let index: FolderIndex
    let roots: [FolderRoot]
    let logger: Logger
    /// Called after each step.
    let report: @Sendable (FolderIndexStatus) -> Void

    private static let filesAtATime = 256
    private static let readsAtOnce = 4

    /// - Throws: `CancellationError`, or the error of the database.
    func run() async throws -> FolderIndexStatus {
        var status = FolderIndexStatus(isScanning: true)
        var visited: Set<String> = []
        var unseen: [String] = []
        for root in roots {
            if let problem = try await problem(of: root) {
                record(FolderWalk.Problem(path: root.path, reason: problem), in: &status)
                unseen.append(root.path)
                continue
            }
            unseen += try await scan(root, &visited, &status)
            try await index.markScanned(root.path)
        }
        try await deleteFolders(besides: visited, notSeen: unseen)
        status.filesIndexed = try await index.fileCount()
        return status
    }

    /// Returns why a tree must not be compared with the index; `nil` when it can be. A tree whose disk is not mounted
    /// must keep its files in the index.
    private func problem(of root: FolderRoot) async throws -> String? {
        let (problem, isEmpty) = try await blocking { (root.problem, root.isEmpty) }
        if let problem { return problem }
        guard isEmpty, try await index.hasFiles(under: root.path) else { return nil }
        return "the folder is empty but had files before; check that its disk is mounted"
    }

    /// Scans one tree.
    /// - Returns: The folders that could not be read.
    private func scan(
        _ root: FolderRoot, _ visited: inout Set<String>, _ status: inout FolderIndexStatus
    ) async throws -> [String] {
        var walk = FolderWalk(root: root.path)
        var unseen: [String] = []
        while true {
            try Task.checkCancellation()
            let (advanced, listings) = try await blocking { [walk] in
                var walk = walk
                let listings = walk.next(Self.filesAtATime)
                return (walk, listings)
            }
            walk = advanced
            unseen += walk.problems.map(\.path)
            for problem in walk.problems { record(problem, in: &status) }
            walk.problems = []
            guard !listings.isEmpty else { return unseen }
            visited.formUnion(listings.map(\.folder))
            try await update(listings, under: root, &status)
        }
    }

    private func update(
        _ listings: [FolderWalk.Listing], under root: FolderRoot, _ status: inout FolderIndexStatus
    ) async throws {
        let known = try await index.known(in: listings.map(\.folder))
        var changed: [FoundFile] = []
        var gone: [(folder: String, name: String)] = []
        for listing in listings {
            var absent = known[listing.folder] ?? [:]
            for file in listing.files where absent.removeValue(forKey: file.name) != file.stamp { changed.append(file) }
            gone += absent.keys.map { (listing.folder, $0) }
            status.filesSeen += listing.files.count
        }
        try await index.remove(gone)
        while !changed.isEmpty {
            try Task.checkCancellation()
            let files = try await read(Array(changed.prefix(Self.filesAtATime)), &status)
            try await index.store(files, under: root.path)
            changed.removeFirst(min(Self.filesAtATime, changed.count))
            report(status)
        }
        report(status)
    }

    /// Reads files concurrently, because a network share has a high latency.
    private func read(_ files: [FoundFile], _ status: inout FolderIndexStatus) async throws -> [IndexedFile] {
        let lanes = (0..<Self.readsAtOnce).map { lane in
            files.indices.filter { $0 % Self.readsAtOnce == lane }.map { files[$0] }
        }
        let results = try await withThrowingTaskGroup(of: [Result<IndexedFile, AudioFileError>].self) { group in
            for lane in lanes {
                group.addTask {
                    var results: [Result<IndexedFile, AudioFileError>] = []
                    // One call for each file, so that other callers of the pool get threads in between.
                    for file in lane { results.append(try await blocking { Self.result(file) }) }
                    return results
                }
            }
            return try await group.reduce(into: []) { $0 += $1 }
        }
        for case .failure(let error) in results where error.code != .notFound {
            record(FolderWalk.Problem(path: error.path, reason: error.message), in: &status)
        }
        let indexed = results.compactMap { try? $0.get() }
        status.filesRead += indexed.count
        return indexed
    }

    private static func result(_ file: FoundFile) -> Result<IndexedFile, AudioFileError> {
        do throws(AudioFileError) { return .success(try IndexedFile.read(file)) } catch { return .failure(error) }
    }

    /// Deletes folders from the index that the walk did not visit, and that no longer exist or are reached only by a
    /// link.
    private func deleteFolders(besides visited: Set<String>, notSeen: [String]) async throws {
        let doubtful = try await index.folders().filter { folder in
            !visited.contains(folder) && !notSeen.contains { folder == $0 || folder.isBelow($0) }
        }
        guard !doubtful.isEmpty else { return }
        let gone = try await blocking { doubtful.filter { !isBelowRoot($0) } }
        for folder in gone { try await index.removeFolder(folder) }
    }

    private func isBelowRoot(_ folder: String) -> Bool {
        roots.contains { root in
            guard folder == root.path || root.contains(folder) else { return false }
            guard let base = ResolvedPath(root.path), let resolved = ResolvedPath(folder) else { return false }
            return resolved.text == base.text + folder.dropFirst(root.path.count)
        }
    }

    private func record(_ problem: FolderWalk.Problem, in status: inout FolderIndexStatus) {
        status.add(problem)
        guard status.problemCount <= FolderIndexStatus.mostProblemsKept else { return }
        logger.warning(
            "a folder or file of the music folders cannot be read",
            metadata: ["path": "\(problem.path)", "reason": "\(problem.reason)"])
    }
}
