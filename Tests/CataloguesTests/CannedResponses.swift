import HTTPClient

/// Plain requests, to see what a stand-in itself says.
enum CannedResponses {
    static func status(of url: String, _ token: String) async throws -> Int {
        let client = HTTPClient(userAgent: "HDM/1 ( tests )")
        let response = try await client.send(HTTPRequest(.get, url, headers: ["Authorization": "Bearer \(token)"]))
        await client.close()
        return response.status
    }
}
