import Contracts
import Foundation

/// The files of the library, which the move service owns.
protocol Library: Sendable {
    /// Returns files by path.
    /// - Throws: ``ServiceRequestError``.
    func files(after path: String?, limit: Int) async throws(ServiceRequestError) -> LibraryPage
    /// Stores metadata of files; the files themselves do not change. A repetition has no effect.
    /// - Throws: ``ServiceRequestError``.
    func store(_ files: [LibraryFile]) async throws(ServiceRequestError)
}

/// The library over HTTP.
struct LibraryClient: Library {
    let requests: ServiceRequests

    func files(after path: String?, limit: Int) async throws(ServiceRequestError) -> LibraryPage {
        var query = "?limit=\(limit)"
        if let path = path?.addingPercentEncoding(withAllowedCharacters: .alphanumerics) { query += "&after=\(path)" }
        return try await requests.get("/api/v1/library\(query)")
    }

    func store(_ files: [LibraryFile]) async throws(ServiceRequestError) {
        let items = files.compactMap { file in
            file.track.map {
                LibraryMetadataRequest.Item(
                    path: file.path, sha256: file.sha256, track: $0, albumLink: file.albumLink)
            }
        }
        guard !items.isEmpty else { return }
        try await requests.post("/api/v1/library/metadata", LibraryMetadataRequest(items: items))
    }
}
