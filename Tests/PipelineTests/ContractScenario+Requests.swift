import Contracts
import Foundation
import TestSupport

// Lists that become many jobs, and jobs that are cancelled.
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

    /// Runs before the sign-in at Spotify: everything that needs it waits.
    func requestLists() async throws {
        try await cancelAndRetry()
        try await expand()
        try await watch()
        try await backfill()
    }

    /// Cancels and retries a job that only Spotify could identify, so it waits.
    private func cancelAndRetry() async throws {
        let body = #"{"items":[{"spotify_id":"4uLU6hMCjMI75M1A2tKUQC"}]}"#
        let response = try await client.send("post", Self.downloads, body: body)
        let id = response.json?["items"]?.elements.first?["job_id"]?.stringValue ?? ""
        try await waitUntil(id, is: "waiting")
        try await client.send("delete", Self.oneJob, id)
        try await client.send("delete", Self.oneJob, id)
        try await client.send("post", Self.retry, id, body: #"{"from":"later"}"#)
        try await client.send("post", Self.retry, id)
        try await waitUntil(id, is: "waiting")
        try await client.send("delete", Self.oneJob, id)
        try await client.send("delete", Self.oneJob, Self.directJob)
        // Its dead letter was purged, so it is restarted. The next one has a message, which is requeued instead.
        try await client.send("post", Self.retry, Self.directJob)
        try await waitUntil(Self.directJob, is: "dead_letter")
        try await client.send("post", Self.retry, Self.directJob)
        try await client.send("delete", Self.oneJob, "unknown")
        try await client.send("post", Self.retry, "unknown")
    }

    private func waitUntil(_ job: String, is state: String) async throws {
        try await eventually("\(job) is \(state)", timeout: .seconds(30)) {
            try await client.poll("get", Self.oneJob, job).json?["state"]?.stringValue == state
        }
    }

    private func expand() async throws {
        let good = #"{"links":["\#(Self.playlist)"]}"#
        let response = try await client.send("post", Self.imports, body: good)
        let id = response.json?["items"]?.elements.first?["expansion_id"]?.stringValue ?? ""
        try await client.send("post", Self.imports, body: #"{"links":["\#(Self.playlist)","gopher://old"]}"#)
        try await client.send("post", Self.imports, body: #"{"links":["gopher://old"]}"#)
        try await client.send("post", Self.imports, body: Self.tooLarge)
        try await eventually("the planner has the expansion", timeout: .seconds(30)) {
            try await client.poll("get", Self.oneExpansion, id).status == 200
        }
        try await client.send("get", Self.oneExpansion, id)
        try await client.send("post", Self.cancelExpansion, id)
        try await client.send("get", Self.oneExpansion, "unknown")
        try await client.send("post", Self.cancelExpansion, "unknown")
    }

    private func watch() async throws {
        let entry = #"{"artist_key":"\#(Self.artist)","priority":5}"#
        for body in [entry, entry, "{}"] { try await client.send("post", Self.watchlist, body: body) }
        try await client.send("get", Self.watchlist)
        for key in [Self.artist, "spotify:unknown"] {
            try await client.send("get", Self.oneWatch, key)
            try await client.send("patch", Self.oneWatch, key, body: #"{"priority":7}"#)
            try await client.send("post", Self.oneWatch + "/pause", key, body: #"{"reason":"holidays"}"#)
            try await client.send("post", Self.oneWatch + "/resume", key)
            try await client.send("post", Self.oneWatch + "/run", key)
        }
        try await client.send("patch", Self.oneWatch, Self.artist, body: #"{"priority":70}"#)
        try await client.send("post", Self.oneWatch + "/pause", Self.artist, body: #"{"resume_at":"soon"}"#)
        for key in [Self.artist, Self.artist] { try await client.send("delete", Self.oneWatch, key) }
    }

    private func backfill() async throws {
        let begun = try await client.send("post", Self.runBackfill, body: #"{"max_items":5}"#)
        try await client.send("post", Self.runBackfill, body: #"{"max_items":5}"#)
        try await client.send("post", Self.runBackfill, body: #"{"max_items":0}"#)
        try await client.send("get", Self.backfills)
        try await client.send("get", Self.backfills, query: "?limit=0")
        for id in [begun.json?["job_id"]?.stringValue ?? "", "unknown"] {
            try await client.send("get", Self.oneBackfill, id)
            for verb in ["pause", "resume", "cancel", "pause", "resume", "cancel"] {
                try await client.send("post", "\(Self.oneBackfill)/\(verb)", id)
            }
        }
    }
}
