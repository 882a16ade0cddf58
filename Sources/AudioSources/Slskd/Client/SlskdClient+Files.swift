import Foundation

extension SlskdClient {
    /// Returns the content of slskd's downloads folder, or of a folder below it.
    ///
    /// - Parameter path: Relative to the downloads folder.
    /// - Returns: `nil` when the folder does not exist, and when slskd does not list its folders.
    public func downloadsFolder(_ path: String? = nil, recursive: Bool = false) async throws -> SlskdDirectory? {
        var segments = ["files", "downloads", "directories"]
        if let path { segments.append(Data(path.utf8).base64EncodedString()) }
        let call = SlskdCall(.get, segments, query: recursive ? "recursive=true" : "")
        let response = try await send(call, expecting: [403, 404])
        return response.isSuccess ? try decode(response) : nil
    }
}
