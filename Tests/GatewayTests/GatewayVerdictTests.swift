import Contracts
import Foundation
import ServiceKit
import TestSupport
import Testing

@testable import Gateway
@testable import JobLedger

/// Rejections, other searches, verdicts, and the evidence of decisions.
@Suite struct GatewayVerdictTests {
    // MARK: - Rejection

    @Test func `Rejected candidates do not change the indices of the others`() async throws {
        try await withGatewayRoutes { gateway, client in
            let id = try await gateway.doubtful().job.jobID
            let first = try await client.decide(id, "reject", #"{"candidates":[0]}"#)
            #expect(first.json["status"] == "open")
            #expect(first.json["remaining"] == 1)
            let again = try await client.decide(id, "reject", #"{"candidates":[0]}"#)
            #expect(again.json == first.json)
            let left = try await client.get("/api/v1/reviews/\(id)").json["candidates"]
            #expect(left?.at(0)?["index"] == 1)
            #expect(left?.at(1) == nil)
            #expect(try await gateway.posted(id).isEmpty)
            #expect(try await gateway.job(id).summary.state == .review)
            // An index of an old list does not approve a rejected file; the key of the file does.
            #expect(try await client.decide(id, "approve", #"{"candidate":0}"#).status == 409)
            #expect(try await client.decide(id, "approve", #"{"key":"\#(DoubtfulMatch.live)"}"#).status == 200)
        }
    }

    @Test func `Rejecting all cancels the job and frees its key`() async throws {
        try await withGatewayRoutes { gateway, client in
            let match = try await gateway.doubtful()
            let response = try await client.decide(match.job.jobID, "reject")
            #expect(response.json["state"] == "cancelled")
            let job = try await gateway.job(match.job.jobID).summary
            #expect(job.state == .cancelled)
            #expect(job.message?.contains("rejected every candidate") == true)
            let posted = try await gateway.posted(match.job.jobID)
            #expect(try posted.map { try $0.event().event } == ["job.match.cancelled"])
            #expect(try await client.decide(match.job.jobID, "reject").json == response.json)
            #expect(try await client.decide(match.job.jobID, "reject", #"{"candidates":[1]}"#).json == response.json)
            #expect(try await client.decide(match.job.jobID, "approve", #"{"candidate":1}"#).status == 409)
            // Late copies of earlier events change nothing.
            try await gateway.apply(match.event(.started, .matching), match.event)
            #expect(try await gateway.job(match.job.jobID).summary.state == .cancelled)
            #expect(try await gateway.submit(title: "Sinnerman").status == .enqueued)
        }
    }

    // MARK: - Search

    @Test func `Another search restarts the job at the match stage with its verdicts in a new generation`() async throws
    {
        try await withGatewayRoutes { gateway, client in
            let match = try await gateway.doubtful()
            let id = match.job.jobID
            _ = try await client.decide(id, "reject", #"{"candidates":[0]}"#)
            let response = try await client.decide(id, "search", #"{"query":" other words "}"#)
            #expect(response.json["state"] == "queued")
            #expect(response.json["query"] == "other words")
            let posted = try await gateway.posted(id)
            let message = try #require(posted.first { $0.route.type == MessageType.job })
            #expect(message.route.key == "job.match.hi")
            #expect(message.route.headers["x-hdm-requeues"] == 1)
            #expect(message.route.headers["x-hdm-attempt"] == 1)
            #expect(message.route.headers["x-hdm-hop"] == 2)
            let job = try message.job()
            #expect(job.match == nil)
            #expect(job.verdicts?.query == "other words")
            #expect(job.verdicts?.rejected.map(\.rawValue) == [DoubtfulMatch.live])
            let event = try #require(posted.first { $0.route.type == MessageType.event }).event()
            #expect(event.event == "job.match.requeued" && event.state == .queued)
            // Late events of the first generation, also its end, change nothing.
            try await gateway.apply(match.event(.deadLettered, .deadLetter))
            #expect(try await gateway.job(id).summary.state == .queued)
            #expect(try await client.decide(id, "search", #"{"query":"other words"}"#).json == response.json)
            #expect(try await client.decide(id, "search", #"{"query":"again others"}"#).status == 409)

            let second = DoubtfulMatch(id, hop: 3, requeues: 1)
            #expect(try await gateway.store.openReview(of: second.job, at: second.step) == .open)
            let shown = try await client.get("/api/v1/reviews/\(id)").json
            #expect(shown["status"] == "open")
            #expect(shown["candidates"]?.first?["key"] == .string(DoubtfulMatch.demo))
        }
    }

    // MARK: - Memory

    @Test(arguments: [nil, "another-key"])
    func `A later job for the same track carries what was decided`(_ key: String?) async throws {
        try await withGatewayRoutes { gateway, client in
            let first = try await gateway.doubtful(key: "one-key")
            _ = try await client.decide(first.job.jobID, "reject")
            let explicit = key.map { #","dedupe_key":"\#($0)""# } ?? ""
            let body = #"{"dedupe_key":"batch","items":[{"artist":"nina  SIMONE","title":"Sinnerman"\#(explicit)}]}"#
            let item = try #require(try await gateway.submit(body).items.first)
            let entry = try await gateway.store.lease(10, to: "x", for: .zero).first { $0.jobID == item.jobID.text }
            let verdicts = try #require(try entry?.job().verdicts)
            #expect(Set(verdicts.rejected.map(\.rawValue)) == [DoubtfulMatch.live, DoubtfulMatch.demo])
            #expect(verdicts.approved.isEmpty && verdicts.query == nil)
            // A review of that job does not offer them either, whoever shares them.
            var second = DoubtfulMatch(item.jobID, key: item.dedupeKey)
            second.job.match?.candidates = [
                DoubtfulMatch.file("SINNERMAN (live).flac", 1000, by: "other"),
                DoubtfulMatch.file("Sinnerman (Live).flac", 1001),
            ]
            #expect(try await gateway.store.openReview(of: second.job, at: second.step) == .open)
            let shown = try await client.get("/api/v1/reviews/\(item.jobID)").json["candidates"]
            #expect(shown?.at(0)?["index"] == 1)
            #expect(shown?.at(1) == nil)
        }
    }

    @Test func `A job of another track carries nothing, and the newest verdicts are enough`() async throws {
        try await withGatewayRoutes { gateway, client in
            var match = try await gateway.doubtful()
            match.envelope.hop = 3
            match.job.match?.candidates = (0..<Verdicts.maximumCount + 20).map { DoubtfulMatch.file("\($0).flac", 5) }
            #expect(try await gateway.store.openReview(of: match.job, at: match.step) == .open)
            _ = try await client.decide(match.job.jobID, "reject", #"{"candidates":[0]}"#)
            gateway.clock.advance(by: .seconds(60))
            _ = try await client.decide(match.job.jobID, "reject")
            let items = try await gateway.submit(
                #"{"items":[{"artist":"Nina Simone","title":"Sinnerman"},{"artist":"Nina Simone","title":"Other"}]}"#
            ).items
            let entries = try await gateway.store.lease(10, to: "x", for: .zero)
            func job(_ index: Int) throws -> JobDocument? {
                try entries.first { $0.jobID == items[index].jobID.text }?.job()
            }
            #expect(try job(0)?.verdicts?.rejected.count == Verdicts.maximumCount)
            #expect(try job(0)?.verdicts?.rejected.contains { $0.rawValue == "5/0.flac" } == false)
            #expect(try job(1)?.verdicts == nil)
        }
    }

    // MARK: - Nonsense

    @Test(arguments: [
        ("approve", #"{"candidate":2}"#, "/candidate"), ("approve", #"{"candidate":-1}"#, "/candidate"),
        ("approve", #"{"candidate":"0"}"#, "/candidate"), ("approve", #"{"candidate":0.5}"#, "/candidate"),
        ("approve", #"{"key":"9/x"}"#, "/key"), ("approve", #"{"key":5}"#, "/key"),
        ("approve", #"{"candidate":0,"key":"9/x"}"#, "/key"), ("approve", "[]", ""), ("approve", "{", ""),
        ("reject", #"{"candidates":[0,7]}"#, "/candidates/1"), ("reject", #"{"candidates":[]}"#, "/candidates"),
        ("reject", #"{"candidates":0}"#, "/candidates"), ("reject", #"{"keys":["a"]}"#, "/keys/0"),
        ("reject", #"{"candidate":0}"#, "/candidate"), ("search", "{}", "/query"),
        ("search", #"{"query":""}"#, "/query"), ("search", #"{"query":"  "}"#, "/query"),
        ("search", #"{"query":5}"#, "/query"), ("search", #"{"query":"a\u0007"}"#, "/query"),
    ])
    func `An invalid decision is refused with its place and changes nothing`(
        _ verb: String, _ body: String, _ place: String
    ) async throws {
        try await withGatewayRoutes { gateway, client in
            let id = try await gateway.doubtful().job.jobID
            let response = try await client.decide(id, verb, body)
            #expect(response.status == 400)
            #expect(response.json["error"]?["meta"]?["field"] == .string(place))
            #expect(try await client.get("/api/v1/reviews/\(id)").json["candidates"]?.at(1) != nil)
            #expect(try await gateway.posted(id).isEmpty)
        }
    }

    @Test func `A search query has a length limit`() async throws {
        try await withGatewayRoutes { gateway, client in
            let id = try await gateway.doubtful().job.jobID
            let long = String(repeating: "é", count: 201)
            #expect(try await client.decide(id, "search", #"{"query":"\#(long)"}"#).status == 400)
            #expect(try await client.decide(id, "search", #"{"query":"\#(long.dropLast())"}"#).status == 200)
        }
    }

    @Test(arguments: ["approve", "reject"])
    func `A job without a review has nothing to decide`(_ verb: String) async throws {
        try await withGatewayRoutes { gateway, client in
            let id = try await gateway.submit(title: "Sinnerman").jobID
            #expect(try await client.decide(id, verb).status == 404)
            #expect(try await client.get("/api/v1/reviews/\(id)").status == 404)
            #expect(try await client.get("/api/v1/reviews/a%2Fb").status == 404)
            #expect(try await client.get("/api/v1/reviews?status=odd").json["error"]?["meta"]?["field"] == "status")
        }
    }

    // MARK: - Why

    @Test func `A match shows the decision with the highest position, in any order of arrival`() async throws {
        try await withGatewayRoutes { gateway, client in
            let id = try await gateway.submit(title: "Sinnerman").jobID
            #expect(try await client.get("/api/v1/matches/nobody").status == 404)
            let early = try await client.get("/api/v1/matches/\(id)")
            #expect(early.status == 404)
            #expect(early.json["error"]?["message"]?.stringValue?.contains("queued") == true)

            let first = DoubtfulMatch(id)
            let second = DoubtfulMatch(id, hop: 3)
            var later = second.event(.completed, .downloading)
            later.data = ["score": 0.9, "match": try Self.decision(second, "the later")]
            var earlier = first.event
            earlier.data = ["match": try Self.decision(first, "the earlier")]
            try await gateway.apply(later, earlier, later)
            let told = try await client.get("/api/v1/matches/\(id)").json
            #expect(told["explanation"] == "the later")
            #expect(told["outcome"] == "accept")
            #expect(told["state"] == "downloading")
            #expect(told["candidates"]?.first?["key"] == .string(DoubtfulMatch.live))
            #expect(told["searches"]?.first?["query"] == "nina simone sinnerman")
            // A history that held every decision would grow without end.
            let timeline = try await gateway.job(id).timeline
            #expect(timeline.compactMap(\.data) == [["score": 0.9]])
        }
    }

    private static func decision(_ match: DoubtfulMatch, _ explanation: String) throws -> JSONValue {
        var section = try #require(match.job.match)
        section.outcome = nil
        section.explanation = explanation
        return try ContractCoding.decode(JSONValue.self, from: try ContractCoding.encode(section))
    }

    @Test func `Data that is no decision stays in the history`() async throws {
        try await withGatewayRoutes { gateway, client in
            let match = DoubtfulMatch()
            var event = match.event
            event.data = ["match": "quite good"]
            try await gateway.apply(event)
            #expect(try await gateway.job(match.job.jobID).timeline.first?.data == ["match": "quite good"])
            #expect(try await client.get("/api/v1/matches/\(match.job.jobID)").status == 404)
        }
    }

    // MARK: - Contract

    @Test func `The responses have the members of openapi yaml`() async throws {
        try await withGatewayRoutes { gateway, client in
            let id = try await gateway.doubtful().job.jobID
            var responses: [(String, JSONValue)] = [
                ("ReviewPage", try await client.get("/api/v1/reviews").json),
                ("ReviewDetail", try await client.get("/api/v1/reviews/\(id)").json),
                ("Match", try await client.get("/api/v1/matches/\(id)").json),
                ("ReviewDecision", try await client.decide(id, "reject", #"{"candidates":[1]}"#).json),
                ("ReviewDecision", try await client.decide(id, "search", #"{"query":"w"}"#).json),
            ]
            responses.append(("ReviewDetail", try await client.get("/api/v1/reviews/\(id)").json))
            responses.append(("Match", try await client.get("/api/v1/matches/\(id)").json))
            let instances = responses.enumerated().map { index, response in
                JSONSchemaCheck.Instance(
                    "\(index) \(response.0)", schema: "openapi.yaml#/components/schemas/\(response.0)", json: response.1
                )
            }
            for (name, found) in try await JSONSchemaCheck.findings(in: instances) { #expect(found.isEmpty, "\(name)") }
        }
    }
}
