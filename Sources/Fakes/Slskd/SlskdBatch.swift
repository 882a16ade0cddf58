import Contracts
import Foundation

/// The record of a batch.
struct SlskdBatch: Sendable {
    let id: String
    let searchID: String?
    let username: String
    let createdAt: Date
    let destination: String?

    func json(transfers: [FakeTransfer]) -> JSONValue {
        .members([
            "id": .string(id), "searchId": searchID.json, "username": .string(username), "direction": "Download",
            "createdAt": Date?.some(createdAt).bareJSON, "transfers": .array(transfers.map(\.json)),
            "options": .members(["destination": destination.json]),
        ])
    }
}

/// The record of an event.
struct SlskdEvent: Sendable {
    let id: String
    let type: String
    let timestamp: Date
    let data: JSONValue

    /// The JSON of the event. Its data is a string with JSON.
    var json: JSONValue {
        [
            "timestamp": .string(SlskdTime.text(timestamp) + "Z"), "type": .string(type), "id": .string(id),
            "data": .string((try? ContractCoding.encode(data)).map { String(decoding: $0, as: UTF8.self) } ?? "{}"),
        ]
    }
}
