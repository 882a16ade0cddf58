import Contracts
import Foundation

extension FakeSlskd {
    /// `POST /transfers/downloads/batches`. The batch is stored before the connection to the peer, so that a repeated
    /// request is detected even if the first one failed.
    func enqueueBatch(_ call: SlskdCall) async throws(FakeResponse) -> FakeResponse {
        let body = try call.json()
        let batch = try batch(in: body)
        let transferRequests = try batchRequests(in: body)
        recordEnqueue(batch.username, transferRequests)
        try enterGate()
        defer { leaveGate() }
        try checkOnline(batch.username, offline: 404)
        try add(batch)
        let result = try await enqueue(transferRequests, from: batch.username, batch: batch.id)
        let failures = result.failed.map { failure -> JSONValue in
            ["filename": .string(failure.filename), "message": .string(failure.message)]
        }
        let transfers = fixture.withLock { $0.records.transfers(of: batch.id) }
        let status = failures.isEmpty ? 201 : failures.count == transferRequests.count ? 200 : 207
        return .json(status, ["batch": batch.json(transfers: transfers), "failures": .array(failures)])
    }

    private func add(_ batch: SlskdBatch) throws(FakeResponse) {
        let isNew = fixture.withLock { fixture in
            guard fixture.records.batches[batch.id] == nil else { return false }
            fixture.records.batches[batch.id] = batch
            return true
        }
        if !isNew { throw .text(409, "A batch with ID \(batch.id) already exists") }
    }

    private func batch(in body: JSONValue) throws(FakeResponse) -> SlskdBatch {
        guard let username = body.member("username")?.stringValue, !username.allSatisfy(\.isWhitespace) else {
            throw .text(400, "The Username field is required.")
        }
        let destination = body.member("options")?.member("destination")?.stringValue
        if let destination,
            destination.isEmpty || destination.hasPrefix("/") || destination.hasPrefix("\\")
                || destination.contains(#/^[a-zA-Z]:/#) || SlskdPath.hasTraversal(destination)
        {
            throw .text(400, "The field Destination must be a relative path without traversal segments.")
        }
        return SlskdBatch(
            id: try identifier(body, "id") ?? UUID().uuidString.lowercased(),
            searchID: try identifier(body, "searchId"), username: username, createdAt: Date(),
            destination: destination)
    }

    private func identifier(_ body: JSONValue, _ name: String) throws(FakeResponse) -> String? {
        guard let text = body.member(name)?.stringValue, !text.isEmpty else { return nil }
        guard let id = UUID(uuidString: text) else {
            throw .text(400, "One or more provided identifiers is not a valid GUID/UUID")
        }
        return id.uuidString.lowercased()
    }

    private func batchRequests(in body: JSONValue) throws(FakeResponse) -> [FakeTransferRequest] {
        let items = body.member("files")?.elements ?? []
        let transferRequests = items.compactMap { item -> FakeTransferRequest? in
            guard let filename = item.member("filename")?.stringValue, !filename.isEmpty,
                let size = item.member("size")?.integerValue, size >= 0, !SlskdPath.hasTraversal(filename)
            else { return nil }
            return FakeTransferRequest(filename: filename, size: size)
        }
        guard !items.isEmpty, transferRequests.count == items.count else {
            throw .text(400, "One or more files in the request are invalid")
        }
        guard Set(transferRequests.map { Data($0.filename.utf8) }).count == transferRequests.count else {
            throw .text(400, "Two or more files in the request are repeated")
        }
        return transferRequests
    }
}
