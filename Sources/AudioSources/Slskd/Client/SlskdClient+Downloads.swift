import Contracts
public import Foundation

extension SlskdClient {
    /// Returns all downloads in one request, including those of other clients.
    public func downloads(includingRemoved: Bool = false) async throws -> [SlskdTransfer] {
        let call = SlskdCall(.get, ["transfers", "downloads"], query: includingRemoved ? "includeRemoved=true" : "")
        let users = try decode(try await send(call), as: LenientList<SlskdUserTransfers>.self).elements
        return users.flatMap(\.transfers)
    }

    /// Returns the downloads from one peer.
    public func downloads(from username: String) async throws -> [SlskdTransfer] {
        let response = try await send(SlskdCall(.get, ["transfers", "downloads", username]), expecting: [404])
        return response.status == 404 ? [] : try decode(response, as: SlskdUserTransfers.self).transfers
    }

    /// Returns one download, also a removed one; `nil` when slskd does not have it.
    public func download(_ id: UUID, from username: String) async throws -> SlskdTransfer? {
        let call = SlskdCall(.get, ["transfers", "downloads", username, id.lowercased])
        let response = try await send(call, expecting: [404])
        return response.status == 404 ? nil : try decode(response)
    }

    /// Requests the place in the queue from the peer. The value can be wrong.
    /// - Throws: ``SlskdError`` such as `peerFailed` when there is none.
    public func position(of id: UUID, from username: String) async throws -> Int? {
        let call = SlskdCall(.get, ["transfers", "downloads", username, id.lowercased, "position"]).about(.peer)
        let response = try await send(call, expecting: [404])
        return response.status == 404 ? nil : try decode(response)
    }

    /// Cancels a download and slskd's own further attempts. It ends shortly afterwards. A download that has ended or does
    /// not exist is not changed. Received bytes stay in slskd's incomplete folder.
    public func cancel(_ id: UUID, from username: String) async throws {
        _ = try await send(SlskdCall(.delete, ["transfers", "downloads", username, id.lowercased]), expecting: [404])
    }

    /// Cancels a running download and removes it from slskd's lists.
    ///
    /// slskd removes only ended downloads, so the request is repeated until the download has ended.
    /// - Returns: Whether it was removed; `false` when it did not end within a few seconds.
    public func remove(_ id: UUID, from username: String) async throws -> Bool {
        let call = SlskdCall(
            .delete, ["transfers", "downloads", username, id.lowercased], query: "remove=true")
        var pause = Duration.milliseconds(100)
        for _ in 0..<6 {
            _ = try await send(call, expecting: [404])
            guard let left = try await download(id, from: username), !left.isRemoved else { return true }
            try await Task.sleep(for: pause)
            pause *= 2
        }
        return false
    }
}
