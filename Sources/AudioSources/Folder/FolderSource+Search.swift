public import Contracts
import Foundation
import GRDB

extension FolderSource {
    /// One search of the index covers every way to write the track.
    public var variants: Set<QueryVariant> { [.full] }

    public func search(_ request: SearchRequest, within budget: any SearchBudget) async throws -> [OfferedFile] {
        try await budget.withPermit { [self] in
            try await search(request.query, for: request.wanted, limit: request.limit)
        }
    }

    /// Offers files by ISRC, then by the words of title and artist in tags and paths, then by any of the words. Search
    /// words that a person entered replace all of these.
    ///
    /// Without a strong hit it scans once more, unless the last scan is recent, and searches again.
    ///
    /// - Throws: ``SourceError`` `unavailable` until each tree was scanned completely once.
    public func search(_ query: SearchQuery, for wanted: Track, limit: Int) async throws -> [OfferedFile] {
        guard let index else {
            throw SourceError(.unavailable, "this process has no folder index; search in the match service")
        }
        let query = query.variant == .asked ? FolderQuery(words: query.text) : FolderQuery(wanted)
        let count = min(limit, 500)
        do {
            var hits = try await present(index.search(query, limit: count))
            if !hits.contains(where: \.isStrong), await recheck() {
                hits = try await present(index.search(query, limit: count))
            }
            try await requireScanned(index)
            return hits.map { shown($0.offer) }
        } catch let error as DatabaseError {
            throw SourceError(
                .unavailable, "the folder index cannot be read (\(error.resultCode)); check that its disk is not full")
        }
    }

    /// Adds the path that is judged: without the root, whose name says nothing about the recording.
    private func shown(_ offer: OfferedFile) -> OfferedFile {
        var offer = offer
        if let root = roots.first(where: { $0.contains(offer.path) }) {
            offer.shownPath = String(decoding: offer.path.utf8.dropFirst(root.path.utf8.count), as: UTF8.self)
        }
        return offer
    }

    private func requireScanned(_ index: FolderIndex) async throws {
        let scanned = try await index.scannedRoots()
        for root in roots where !scanned.contains(root.path) {
            throw SourceError(.unavailable, "\(root.path) has not been scanned completely yet; try again later")
        }
    }

    /// Returns the files that still exist with the indexed size.
    private func present(_ hits: [FolderHit]) async throws -> [FolderHit] {
        let roots = roots
        return try await blocking {
            hits.filter { hit in
                var status = stat()
                return roots.contains { $0.contains(hit.offer.path) } && lstat(hit.offer.path, &status) == 0
                    && status.st_mode & S_IFMT == S_IFREG && Int64(status.st_size) == hit.offer.size
            }
        }
    }
}
