import Contracts
import Foundation
import TestSupport

// Requests that become many, and jobs that people call back.
extension ContractScenario {
    private static let downloads = "/api/v1/downloads"
    private static let oneJob = "/api/v1/downloads/{job_id}"
    private static let retry = "/api/v1/downloads/{job_id}/retry"
    private static let oneExpansion = "/api/v1/expansions/{expansion_id}"
    private static let cancelExpansion = "/api/v1/expansions/{expansion_id}/cancel"
    private static let imports = "/api/v1/imports/free"
    private static let watchlist = "/api/v1/watchlist"
    private static let oneWatch = "/api/v1/watchlist/{key}"
    private static let backfills = "/api/v1/spotify/backfill/jobs"
    private static let oneBackfill = "/api/v1/spotify/backfill/jobs/{job_id}"
    private static let runBackfill = "/api/v1/spotify/backfill/run"
    private static let artist = "spotify:0oSGxfWSnnOXhD2fKuz2Gy"
    private static let playlist = "spotify:playlist:37i9dQZF1DX0XUsuxWHRQd"
    private static let tooLarge = String(repeating: " ", count: 9000)

    /// While nobody has signed in at Spotify: everything that needs it waits.
    func askForMany() async throws {
        try await callBack()
        try await expand()
        try await watch()
        try await backfill()
    }

    /// A job that is named by its id at Spotify alone cannot go on here.
    private func callBack() async throws {
        let body = #"{"items":[{"spotify_id":"4uLU6hMCjMI75M1A2tKUQC"}]}"#
        let answer = try await client.ask("post", Self.downloads, body: body)
        let id = answer.json?["items"]?.elements.first?["job_id"]?.stringValue ?? ""
        try await waitUntil(id, is: "waiting")
        try await client.ask("delete", Self.oneJob, id)
        try await client.ask("delete", Self.oneJob, id)
        try await client.ask("post", Self.retry, id)
        try await waitUntil(id, is: "waiting")
        try await client.ask("delete", Self.oneJob, id)
        try await client.ask("delete", Self.oneJob, Self.directJob)
        try await client.ask("post", Self.retry, Self.directJob)
        try await client.ask("delete", Self.oneJob, "unknown")
        try await client.ask("post", Self.retry, "unknown")
    }

    private func waitUntil(_ job: String, is state: String) async throws {
        try await eventually("\(job) is \(state)", timeout: .seconds(30)) {
            try await client.look("get", Self.oneJob, job).json?["state"]?.stringValue == state
        }
    }

    private func expand() async throws {
        let good = #"{"links":["\#(Self.playlist)"]}"#
        let answer = try await client.ask("post", Self.imports, body: good)
        let id = answer.json?["items"]?.elements.first?["expansion_id"]?.stringValue ?? ""
        try await client.ask("post", Self.imports, body: #"{"links":["\#(Self.playlist)","gopher://old"]}"#)
        try await client.ask("post", Self.imports, body: #"{"links":["gopher://old"]}"#)
        try await client.ask("post", Self.imports, body: Self.tooLarge)
        try await client.ask("get", Self.oneExpansion, id)
        try await client.ask("post", Self.cancelExpansion, id)
        try await client.ask("get", Self.oneExpansion, "unknown")
        try await client.ask("post", Self.cancelExpansion, "unknown")
    }

    private func watch() async throws {
        let entry = #"{"artist_key":"\#(Self.artist)","priority":5}"#
        for body in [entry, entry, "{}"] { try await client.ask("post", Self.watchlist, body: body) }
        try await client.ask("get", Self.watchlist)
        for key in [Self.artist, "spotify:unknown"] {
            try await client.ask("get", Self.oneWatch, key)
            try await client.ask("patch", Self.oneWatch, key, body: #"{"priority":7}"#)
            try await client.ask("post", Self.oneWatch + "/pause", key, body: #"{"reason":"holidays"}"#)
            try await client.ask("post", Self.oneWatch + "/resume", key)
            try await client.ask("post", Self.oneWatch + "/run", key)
        }
        try await client.ask("patch", Self.oneWatch, Self.artist, body: #"{"priority":70}"#)
        try await client.ask("post", Self.oneWatch + "/pause", Self.artist, body: #"{"resume_at":"soon"}"#)
        for key in [Self.artist, Self.artist] { try await client.ask("delete", Self.oneWatch, key) }
    }

    private func backfill() async throws {
        let begun = try await client.ask("post", Self.runBackfill, body: #"{"max_items":5}"#)
        try await client.ask("post", Self.runBackfill, body: #"{"max_items":5}"#)
        try await client.ask("post", Self.runBackfill, body: #"{"max_items":0}"#)
        try await client.ask("get", Self.backfills)
        try await client.ask("get", Self.backfills, query: "?limit=0")
        for id in [begun.json?["job_id"]?.stringValue ?? "", "unknown"] {
            try await client.ask("get", Self.oneBackfill, id)
            for verb in ["pause", "resume", "cancel", "pause", "resume", "cancel"] {
                try await client.ask("post", "\(Self.oneBackfill)/\(verb)", id)
            }
        }
    }

    /// Everything that needs a key, with a wrong one.
    func knockWithAWrongKey() async throws {
        let document = try await JSONSchemaCheck.yaml("contracts/openapi.yaml")
        for (path, operations) in document["paths"]?.members ?? [:] {
            for (method, operation) in operations.members where operation["responses"]?["401"] != nil {
                let body = ["post", "patch", "put"].contains(method) ? "{}" : nil
                try await client.ask(method, path, "unknown", body: body, headers: ["X-API-Key": "wrong"])
            }
        }
    }
}
