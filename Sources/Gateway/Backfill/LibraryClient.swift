import Contracts
import Foundation
import HTTPClient

/// A file of the library, as the move service shows it.
struct LibraryFile: Codable, Sendable, Equatable {
    /// Relative to the music folder.
    var path: String
    /// By which a change of the file is noticed.
    var sha256: String
    /// `nil` where nothing is known.
    var track: Track?
    /// The album in its catalogue, such as `spotify:album:<id>`, once it was found.
    var albumLink: String?

    enum CodingKeys: String, CodingKey {
        case path, sha256, track
        case albumLink = "album_link"
    }
}

/// Files of the library, by path.
struct LibraryPage: Codable, Sendable, Equatable {
    var items: [LibraryFile]
    /// Behind which the next page begins; `nil` at the end.
    var next: String?
}

/// Who knows the library: the move service alone.
protocol Library: Sendable {
    /// - Throws: ``LibraryError``.
    func files(after path: String?, limit: Int) async throws(LibraryError) -> LibraryPage
    /// Keeps what was found out about files; the files themselves stay as they are. The same again changes nothing.
    /// - Throws: ``LibraryError``.
    func keep(_ files: [LibraryFile]) async throws(LibraryError)
}

/// The move service did not answer.
struct LibraryError: Error, Sendable, Equatable, CustomStringConvertible {
    let description: String
}

/// The library over HTTP.
struct LibraryClient: Library {
    let client: HTTPClient
    /// Where the move service answers, without a slash at the end.
    let url: String

    func files(after path: String?, limit: Int) async throws(LibraryError) -> LibraryPage {
        var query = "?limit=\(limit)"
        if let path = path?.addingPercentEncoding(withAllowedCharacters: .alphanumerics) { query += "&after=\(path)" }
        let body = try await send(HTTPClient.Request(.get, "\(url)/api/v1/library\(query)"))
        do throws(ContractViolation) {
            return try ContractCoding.decode(LibraryPage.self, from: body)
        } catch {
            throw LibraryError(description: "the move service's answer cannot be read: \(error)")
        }
    }

    func keep(_ files: [LibraryFile]) async throws(LibraryError) {
        guard !files.isEmpty else { return }
        var request = HTTPClient.Request(.post, "\(url)/api/v1/library/metadata")
        request.headers["Content-Type"] = "application/json"
        do {
            request.body = try ContractCoding.encode(["items": files])
        } catch {
            throw LibraryError(description: "the metadata cannot be written as JSON")
        }
        _ = try await send(request)
    }

    private func send(_ request: HTTPClient.Request) async throws(LibraryError) -> Data {
        let answer: HTTPClient.Response
        do throws(HTTPClientError) {
            answer = try await client.send(request)
        } catch {
            throw LibraryError(
                description: "the move service did not answer: \(error); start it or set HDM_MOVE_URL")
        }
        guard answer.isSuccess else {
            throw LibraryError(description: "the move service answers status \(answer.status)")
        }
        return answer.body
    }
}
