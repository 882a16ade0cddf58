import Foundation

extension SlskdClient {
    /// What lies in slskd's downloads folder, or in a folder below it, as slskd sees it.
    ///
    /// - Parameter path: relative to the downloads folder.
    /// - Returns: `nil` for a folder that is not there, and where slskd does not show its folders.
    public func downloadsFolder(_ path: String? = nil, recursive: Bool = false) async throws -> SlskdDirectory? {
        var segments = ["files", "downloads", "directories"]
        if let path { segments.append(Data(path.utf8).base64EncodedString()) }
        let call = SlskdCall(.get, segments, query: recursive ? "recursive=true" : "")
        let response = try await send(call, expecting: [403, 404])
        return response.isSuccess ? try decode(response) : nil
    }
}
