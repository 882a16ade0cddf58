import AudioFiles
import Contracts
import Databases
import Files
import Foundation
import Hummingbird
import Logging
import ServiceKit

/// The routes below `/api/v1/library`: list the files of the index, and store metadata for them.
struct LibraryController: Sendable {
    let index: LibraryIndex
    let library: MusicLibrary
    /// Runs the queries, and reads the tags of files without metadata.
    let pool: BlockingPool
    let logger: Logger

    private static let largestBody = 1 << 20

    var endpoints: RouteCollection<BasicRequestContext> {
        let routes = RouteCollection(context: BasicRequestContext.self)
        routes.get("") { request, _ in try await self.list(request) }
        routes.post("metadata") { request, _ in try await self.updateMetadata(request) }
        return routes
    }

    private func list(_ request: Request) async throws -> JSONResponse<LibraryPage> {
        let limit = try request.query("limit", default: 50, in: 1...200)
        let path = request.query("after")
        return try await response {
            let (files, next) = try index.files(after: path, limit: limit, skipped: logSkipped)
            return LibraryPage(items: files.map(item), next: next)
        }
    }

    private func updateMetadata(_ request: Request) async throws -> JSONResponse<LibraryMetadataResponse> {
        let body = try await request.decode(LibraryMetadataRequest.self, upTo: Self.largestBody)
        return try await response {
            try body.items.reduce(into: LibraryMetadataResponse()) { response, item in
                let isStored = try index.updateMetadata(
                    item.track, albumLink: item.albumLink, of: item.path, item.sha256)
                if isStored { response.updated += 1 } else { response.skipped.append(item.path) }
            }
        }
    }

    /// Runs blocking work on the pool and turns its failure into an error response.
    private func response<Value: Sendable>(
        _ body: @escaping @Sendable () throws -> Value
    ) async throws -> JSONResponse<Value> {
        do {
            return JSONResponse(try await pool.run(body))
        } catch {
            logger.log(
                event: .requestFailed, level: .error, "the library index failed",
                metadata: [LogKey.error: .string("\(error)".prefix(utf8: 512))])
            throw APIError(.dependencyError, "the library index cannot be used; see /ready of the move service")
        }
    }

    private func logSkipped(_ error: UnreadableRow) {
        logger.warning(
            "a row of the library index cannot be read and was left out",
            metadata: [LogKey.error: .string(error.description)])
    }
}

extension LibraryController {
    /// The file with the metadata of the index, else with that of its tags.
    private func item(_ file: FileRecord) -> LibraryFile {
        let stored = file.track.flatMap { try? ContractCoding.decode(Track.self, from: Data($0.utf8)) }
        return LibraryFile(
            path: file.path, sha256: file.sha256, jobID: file.jobID, addedAt: file.addedAt,
            track: stored ?? Self.track(at: library.absolute(file.path)), albumLink: file.albumLink)
    }

    /// The recording that the tags of a file name; `nil` when they lack the artist or the title.
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
}
