import Contracts
import Fakes
import Foundation
import TestSupport

/// A fake of slskd in its own folder, and plain HTTP requests to it.
struct FakeSlskdFixture: Sendable {
    let fake: FakeSlskd
    let folder: URL

    /// The response; `status` is 0 when the connection was closed without one.
    struct Answer: Sendable {
        var status = 0
        var body = Data()
        var headers: [String: String] = [:]

        var json: JSONValue? { try? ContractCoding.decode(JSONValue.self, from: body) }
        var text: String { String(decoding: body, as: UTF8.self) }
    }

    func get(_ path: String, key: String? = nil) async -> Answer { await ask("GET", path, key: key) }

    func put(_ path: String) async -> Answer { await ask("PUT", path) }

    func delete(_ path: String) async -> Answer { await ask("DELETE", path) }

    func post(_ path: String, _ body: JSONValue) async -> Answer { await ask("POST", path, body) }

    /// Sends a request on its own connection, so that no client repeats it.
    func ask(
        _ method: String, _ path: String, _ body: JSONValue? = nil, key: String? = nil,
        contentType: String = "application/json"
    ) async -> Answer {
        let isOutside = path == "/health" || path.hasPrefix("/api")
        var request = PlainRequest(method: method, path: (isOutside ? "" : "/api/v0") + path)
        request.headers["X-API-Key"] = key ?? fake.settings.apiKey
        if let body {
            request.body = (try? ContractCoding.encode(body)) ?? Data()
            request.headers["Content-Type"] = contentType
        }
        guard let address = URL(string: fake.baseURL), let port = address.port else { return Answer() }
        request.path = address.path() + request.path
        return (try? await request.send(to: port)) ?? Answer()
    }
}

extension FakeSlskdFixture {
    /// Enqueues one file the plain way.
    func enqueue(_ file: SlskdSharedFile, from peer: String, size: Int64? = nil) async -> Answer {
        await post(
            "/transfers/downloads/\(peer)",
            [["filename": .string(file.path), "size": .integer(size ?? file.size)]])
    }

    /// Enqueues files as a batch.
    func enqueueBatch(
        _ files: [SlskdSharedFile], from peer: String, id: String = UUID().uuidString, destination: String? = nil
    ) async -> Answer {
        let transferRequests = files.map { ["filename": .string($0.path), "size": .integer($0.size)] as JSONValue }
        var options: [String: JSONValue] = [:]
        if let destination { options["destination"] = .string(destination) }
        return await post(
            "/transfers/downloads/batches",
            [
                "id": .string(id), "username": .string(peer), "files": .array(transferRequests),
                "options": .object(options),
            ])
    }

    /// Waits until the last transfer has a state, and returns its JSON.
    func transfer(
        _ state: FakeTransferState, where condition: @Sendable (JSONValue) -> Bool = { _ in true }
    ) async throws -> JSONValue {
        try await eventually("a transfer is \(state.rawValue), not \(fake.transfers.map(\.state.rawValue))") {
            guard let last = fake.transfers.last else { return nil }
            let path = "/transfers/downloads/\(last.username)/\(last.id)"
            guard let json = await get(path).json, json["state"]?.stringValue == state.rawValue else { return nil }
            return condition(json) ? json : nil
        }
    }

    /// Starts a search and returns its id.
    func search(_ text: String, _ more: [String: JSONValue] = [:]) async throws -> String {
        let body: JSONValue = .object(more.merging(["searchText": .string(text)]) { $1 })
        let answer = await post("/searches", body)
        guard answer.status == 200, let id = answer.json?["id"]?.stringValue else {
            throw NotInTime(description: "no search, but \(answer.status) \(answer.text)")
        }
        return id
    }

    /// Waits until the responses of a search are stored, and returns the search.
    func ended(_ id: String) async throws -> JSONValue {
        try await eventually("search \(id) has ended") {
            let json = await get("/searches/\(id)?includeResponses=true").json
            return json?["endedAt"] == nil ? nil : json
        }
    }

    /// The finished files, relative to the downloads.
    var downloaded: [String] { Self.files(in: fake.settings.downloads) }
    /// The files of unfinished transfers.
    var incomplete: [String] { Self.files(in: fake.settings.incomplete) }

    static func files(in folder: URL) -> [String] {
        let paths = (try? FileManager.default.subpathsOfDirectory(atPath: folder.filePath)) ?? []
        return paths.filter { path in
            var isFolder: ObjCBool = false
            let full = folder.filePath.hasSuffix("/") ? folder.filePath + path : folder.filePath + "/" + path
            return FileManager.default.fileExists(atPath: full, isDirectory: &isFolder) && !isFolder.boolValue
        }.sorted()
    }
}

/// Runs a fake of slskd that is twenty times faster than slskd.
func withFake(
    _ peers: [SlskdPeer] = [], version: FakeVersion = .v0_26,
    adjust: (inout FakeSettings) -> Void = { _ in }, _ body: (FakeSlskdFixture) async throws -> Void
) async throws {
    try await AudioFixture.withFolder { folder in
        var settings = FakeSettings(folder: folder)
        settings.version = version
        settings.timing = FakeTiming(speedUp: 20)
        adjust(&settings)
        try await FakeSlskd.running(settings, peers: peers) { fake in
            try await body(FakeSlskdFixture(fake: fake, folder: folder))
        }
    }
}

extension SlskdSharedFile {
    /// Returns a generated file.
    static func some(_ path: String = #"@@abcde\Music\Band\Album\01 Song.flac"#, size: Int64 = 100_000) -> Self {
        Self(path, content: .generated(seed: UInt64(path.utf8.count), size: size), size: size)
    }
}
