import Contracts
import Foundation

extension FakeSlskd {
    private static let eventTypes = [
        "DownloadFileComplete", "DownloadDirectoryComplete", "UploadFileComplete", "PrivateMessageReceived",
        "RoomMessageReceived", "SoulseekClientConnected", "SoulseekClientDisconnected", "Noop",
    ]

    func handleEvents(_ route: FakeRoute, _ call: SlskdCall) throws(FakeResponse) -> FakeResponse {
        if route == .raiseEvent { return try raise(call) }
        let offset = call.query["offset"].flatMap(Int.init) ?? 0
        let limit = call.query["limit"].flatMap(Int.init) ?? 100
        guard offset >= 0, limit > 0 else { throw .text(400, "Offset must not be negative, and limit positive") }
        let events = fixture.withLock { $0.records.events }
        let page = events.reversed().dropFirst(offset).prefix(limit)
        var response = FakeResponse.json(200, .array(page.map(\.json)))
        response.headers["X-Total-Count"] = "\(events.count)"
        return response
    }

    private func raise(_ call: SlskdCall) throws(FakeResponse) -> FakeResponse {
        guard let type = Self.eventTypes.first(where: { $0.lowercased() == call.parameter(0).lowercased() }) else {
            throw .text(400, "Unknown event type")
        }
        let disambiguator = try call.json().stringValue ?? ""
        fixture.withLock { $0.records.addEvent(type, ["localFilename": .string(disambiguator)]) }
        return .empty(201)
    }
}
