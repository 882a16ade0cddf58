public import Contracts
import Foundation
import GRDB

extension FolderSource {
    /// The index is asked for every way to write the track at once.
    public var variants: Set<QueryVariant> { [.full, .asked] }

    public func search(_ request: SearchRequest, within budget: any SearchBudget) async throws -> [OfferedFile] {
        try await budget.withPermit { [self] in
            try await search(request.query, for: request.wanted, limit: request.limit)
        }
    }

    /// Offers files by ISRC, then by the words of title and artist in tags and paths, then by any of the words; by the
    /// words that a person gave, where they did.
    ///
    /// When nothing sure is found and the last scan is not quite new, it scans once more and asks again.
    ///
    /// - Throws: ``SourceError`` `unavailable` while the trees were never scanned to the end.
    public func search(_ query: SearchQuery, for wanted: Track, limit: Int) async throws -> [OfferedFile] {
        guard let index else { throw SourceError(.unavailable, "this process has no folder index to search in") }
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
            throw SourceError(.unavailable, "the folder index cannot be read (\(error.resultCode)); is its disk full?")
        }
    }

    /// What a folder source is called and where it is mounted says nothing of the recordings in it.
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
            throw SourceError(.unavailable, "\(root.path) has not been scanned to the end yet; ask again later")
        }
    }

    /// The files that are still there as they were indexed.
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
