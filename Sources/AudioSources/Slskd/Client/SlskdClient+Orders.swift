public import Foundation
import HTTPClient

extension SlskdClient {
    /// Orders files from a peer, as a batch where slskd knows batches (0.26 and later), one by one before.
    ///
    /// Two orders at a time are on their way to slskd; after ``SlskdError/Meaning/busy`` the next ones wait. An order
    /// whose batch, or whose files' transfers, are there already begins nothing. Takes up to 40 seconds for a peer that
    /// cannot be reached.
    /// - Throws: ``SlskdError``. After `timedOut` and `unavailable` look whether it was begun: ``batch(_:)`` or
    ///   ``downloads(from:)``.
    public func enqueue(_ order: SlskdOrder) async throws -> SlskdEnqueued {
        guard try await mayKnowBatches() else { return try await enqueueOneByOne(order) }
        if let batch = try await enqueueBatch(order) { return batch }
        return try await enqueueOneByOne(order)
    }

    /// - Returns: `nil` for a batch that slskd does not know, and where it knows no batches.
    public func batch(_ id: UUID) async throws -> SlskdBatch? {
        let call = SlskdCall(.get, ["transfers", "downloads", "batches", id.lowercased])
        // Before 0.26 `batches` is taken for a peer.
        let response = try await send(call, expecting: [400, 404, 405])
        return response.isSuccess ? try decode(response) : nil
    }

    private func mayKnowBatches() async throws -> Bool {
        if let known = knowsBatches.withLock({ $0 }) { return known }
        return try await version().map { $0 >= .batches } ?? true
    }

    /// - Returns: `nil` where slskd turns out not to know batches.
    private func enqueueBatch(_ order: SlskdOrder) async throws -> SlskdEnqueued? {
        let call = try SlskdCall(.post, ["transfers", "downloads", "batches"]).with(order).about(.peer)
        let response = try await ordering.pass { try await send(call, expecting: [404, 405, 409]) }
        switch response.status {
        case 404 where !response.body.isEmpty: throw SlskdError(.peerOffline, "the peer is offline")
        case 404, 405:
            knowsBatches.withLock { $0 = false }
            return nil
        case 409:
            guard let batch = try await batch(order.id) else {
                throw SlskdError(.invalid, "slskd knows this batch and does not show it")
            }
            return SlskdEnqueued(transfers: batch.transfers, batchID: order.id, wasKnown: true)
        default:
            let answer = try decode(response, as: SlskdBatchResponse.self)
            return SlskdEnqueued(
                transfers: answer.batch.transfers, batchID: answer.batch.id, failures: answer.failures)
        }
    }

    private func enqueueOneByOne(_ order: SlskdOrder) async throws -> SlskdEnqueued {
        let known = Set(try await downloads(from: order.username).map(\.id))
        let call = try SlskdCall(.post, ["transfers", "downloads", order.username]).with(order.files).about(.peer)
        let response = try await ordering.pass { try await send(call) }
        // Up to 0.23 there is no answer but the status.
        if !response.body.isEmpty {
            let answer = try decode(response, as: SlskdEnqueueResponse.self)
            let failures = Array(repeating: "", count: answer.failed)
            guard answer.enqueued.isEmpty else {
                return SlskdEnqueued(transfers: answer.enqueued, failures: failures)
            }
        }
        return try await found(order, apartFrom: known)
    }

    /// The transfers of an order's files: new ones, else those that run already.
    private func found(_ order: SlskdOrder, apartFrom known: Set<UUID>) async throws -> SlskdEnqueued {
        let transfers = try await downloads(from: order.username).filter { transfer in
            order.files.contains { transfer.isOf($0.filename) }
        }
        let new = transfers.filter { !known.contains($0.id) }
        guard new.isEmpty else { return SlskdEnqueued(transfers: new) }
        return SlskdEnqueued(transfers: transfers.filter { !$0.state.isEnded }, wasKnown: true)
    }
}
