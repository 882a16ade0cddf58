import Foundation

extension SlskdClient {
    /// Returns the state of slskd's connection to the Soulseek network.
    public func serverState() async throws -> SlskdServerState {
        try decode(try await send(SlskdCall(.get, ["server"])))
    }

    /// Returns slskd's version; `nil` when it cannot be read. Stores whether slskd supports batches.
    public func version() async throws -> SlskdVersion? {
        let response = try await send(SlskdCall(.get, ["application", "version"]))
        // JSON by default; plain text when a proxy changes the accepted types.
        let text = (try? SlskdJSON.decoder.decode(String.self, from: response.body)) ?? ""
        let version = SlskdVersion(text)
        hasBatches.withLock { $0 = version.map { $0 >= .batches } }
        return version
    }

    public func application() async throws -> SlskdApplication {
        try decode(try await send(SlskdCall(.get, ["application"])))
    }
}
