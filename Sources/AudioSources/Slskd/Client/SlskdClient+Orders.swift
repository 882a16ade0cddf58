public import Foundation
import HTTPClient

extension SlskdClient {
    /// Orders files from a peer, as a batch when slskd supports batches (0.26 and later), else one by one.
    ///
    /// Two orders at a time are sent to slskd. After ``SlskdError/Meaning/busy`` further ones wait. An order whose batch
    /// or transfers exist starts nothing. The call takes up to 40 seconds for a peer that cannot be reached.
    /// - Throws: ``SlskdError``. After `timedOut` and `unavailable` the order may have been started; check with
    ///   ``batch(_:)`` or ``downloads(from:)``.
    public func enqueue(_ order: SlskdOrder) async throws -> SlskdEnqueued {
        guard try await mayHaveBatches() else { return try await enqueueOneByOne(order) }
        if let batch = try await enqueueBatch(order) { return batch }
        return try await enqueueOneByOne(order)
    }

    /// Returns a batch; `nil` when slskd does not have it or does not support batches.
    public func batch(_ id: UUID) async throws -> SlskdBatch? {
        let call = SlskdCall(.get, ["transfers", "downloads", "batches", id.lowercased])
        // Before 0.26 slskd reads `batches` as the name of a peer.
        let response = try await send(call, expecting: [400, 404, 405])
        return response.isSuccess ? try decode(response) : nil
    }

    private func mayHaveBatches() async throws -> Bool {
        if let known = hasBatches.withLock({ $0 }) { return known }
        return try await version().map { $0 >= .batches } ?? true
    }

    /// - Returns: `nil` when slskd does not support batches.
    private func enqueueBatch(_ order: SlskdOrder) async throws -> SlskdEnqueued? {
        let call = try SlskdCall(.post, ["transfers", "downloads", "batches"]).with(order).about(.peer)
        let response = try await ordering.pass { try await send(call, expecting: [404, 405, 409]) }
        switch response.status {
        case 404 where !response.body.isEmpty: throw SlskdError(.peerOffline, "the peer is offline")
        case 404, 405:
            hasBatches.withLock { $0 = false }
            return nil
        case 409:
            guard let batch = try await batch(order.id) else {
                throw SlskdError(.invalid, "slskd has the batch \(order.id.lowercased) but does not return it")
            }
            return SlskdEnqueued(transfers: batch.transfers, batchID: order.id, wasKnown: true)
        default:
            let body = try decode(response, as: SlskdBatchResponse.self)
            return SlskdEnqueued(transfers: body.batch.transfers, batchID: body.batch.id, failures: body.failures)
        }
    }

    private func enqueueOneByOne(_ order: SlskdOrder) async throws -> SlskdEnqueued {
        let known = Set(try await downloads(from: order.username).map(\.id))
        let call = try SlskdCall(.post, ["transfers", "downloads", order.username]).with(order.files).about(.peer)
        let response = try await ordering.pass { try await send(call) }
        // Up to 0.23 the response has no body.
        if !response.body.isEmpty {
            let body = try decode(response, as: SlskdEnqueueResponse.self)
            let failures = Array(repeating: "", count: body.failed)
            guard body.enqueued.isEmpty else {
                return SlskdEnqueued(transfers: body.enqueued, failures: failures)
            }
        }
        return try await found(order, apartFrom: known)
    }

    /// Returns the new transfers of an order's files; when there are none, those that already run.
    private func found(_ order: SlskdOrder, apartFrom known: Set<UUID>) async throws -> SlskdEnqueued {
        let transfers = try await downloads(from: order.username).filter { transfer in
            order.files.contains { transfer.isOf($0.filename) }
        }
        let new = transfers.filter { !known.contains($0.id) }
        guard new.isEmpty else { return SlskdEnqueued(transfers: new) }
        return SlskdEnqueued(transfers: transfers.filter { !$0.state.isEnded }, wasKnown: true)
    }
}
