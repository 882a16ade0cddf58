import AudioFiles
import Contracts
import Foundation
import Hummingbird
import Logging
import NIOPosix
import ServiceKit

/// `/api/v1/library`: the files that the index knows, with what is known of them.
struct LibraryRoutes: Sendable {
    let index: LibraryIndex
    let library: MusicLibrary
    let logger: Logger

    private static let largestBody = 1 << 20

    func add<Context: RequestContext>(to router: Router<Context>) {
        let group = router.group("api/v1/library")
        group.get { request, _ in try await list(request) }
        group.post("metadata") { request, _ in try await keep(request) }
    }

    private func list(_ request: Request) async throws -> JSONResponse<LibraryPage> {
        let limit = try request.query("limit", default: 50, in: 1...200)
        let path = request.query("after")
        return JSONResponse(
            try await answer {
                let files = try index.files(after: path, limit: limit)
                return LibraryPage(
                    items: files.map(item), next: files.count == limit ? files.last?.path : nil)
            })
    }

    private func keep(_ request: Request) async throws -> JSONResponse<LibraryMetadataResponse> {
        let body = try await request.decode(LibraryMetadataRequest.self, upTo: Self.largestBody)
        return JSONResponse(
            try await answer {
                try body.items.reduce(into: LibraryMetadataResponse()) { answer, item in
                    let isKept = try index.keep(item.track, albumLink: item.albumLink, of: item.path, item.sha256)
                    if isKept { answer.updated += 1 } else { answer.skipped.append(item.path) }
                }
            })
    }

    /// What the index says of a file, else what the file says itself.
    private func item(_ file: FileRecord) -> LibraryFile {
        let known = file.track.flatMap { try? ContractCoding.decode(Track.self, from: Data($0.utf8)) }
        return LibraryFile(
            path: file.path, sha256: file.sha256, jobID: file.jobID, addedAt: file.addedAt,
            track: known ?? Self.track(at: library.absolute(file.path)), albumLink: file.albumLink)
    }

    /// The tags of a file that came before the index kept what was wished for; `nil` when they name no track.
    private static func track(at path: String) -> Track? {
        guard let tags = try? AudioFile.read(at: path).tags, let artist = tags.artist ?? tags.artists.first,
            let title = tags.title, artist.contains(where: { !$0.isWhitespace }),
            title.contains(where: { !$0.isWhitespace })
        else { return nil }
        var track = Track(artist: artist, title: title, album: tags.album)
        track.albumArtist = tags.albumArtist
        track.isrc = tags.isrc
        track.trackNumber = tags.trackNumber
        track.discNumber = tags.discNumber
        track.releaseDate = tags.date
        return track
    }

    /// The work, on a thread that may block, with the database's failure as an answer.
    private func answer<Value: Sendable>(_ body: @escaping @Sendable () throws -> Value) async throws -> Value {
        do {
            return try await NIOThreadPool.singleton.runIfActive(body)
        } catch {
            logger.log(
                event: .requestFailed, level: .error, "the library index failed",
                metadata: [LogKey.error: .string("\(error)".prefix(utf8: 512))])
            throw APIError(.dependencyError, "the library index cannot be used; see /ready of the move service")
        }
    }
}
