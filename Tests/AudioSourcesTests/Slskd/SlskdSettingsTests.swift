import Foundation
import Testing

@testable import AudioSources

@Suite("Settings of slskd")
struct SlskdSettingsTests {
    private struct Problem: Error {
        let name: String
        let text: String
    }

    private func settings(_ values: [String: String]) throws -> SlskdSettings {
        try SlskdSettings(
            text: { values[$0] }, secret: { values[$0] },
            integer: { name, preset, range in
                guard let text = values[name] else { return preset }
                guard let number = Int(text), range.contains(number) else { throw Problem(name: name, text: "range") }
                return number
            }, problem: { Problem(name: $0, text: $1) })
    }

    private let good = ["SLSKD_BASE_URL": "http://slskd:5030", "SLSKD_API_KEY": "0123456789abcdef"]

    @Test("an address and a key are enough")
    func needsLittle() throws {
        let settings = try settings(good)
        #expect(settings.baseURL == "http://slskd:5030")
        #expect(settings.downloadsFolder == nil)
        #expect(settings.limits == SlskdLimits())
        #expect(settings.search == SlskdSearchLimits())
    }

    @Test(
        "what cannot be used is named, without the key",
        arguments: [
            ("SLSKD_BASE_URL", ""), ("SLSKD_BASE_URL", "slskd:5030"), ("SLSKD_BASE_URL", "ftp://slskd"),
            ("SLSKD_BASE_URL", "http://user:pw@slskd"), ("SLSKD_BASE_URL", "http://slskd/?a=b"),
            ("SLSKD_API_KEY", "short"), ("SLSKD_API_KEY", "0123456789abcde\nf"), ("SLSKD_DOWNLOADS_DIR", "downloads"),
            ("PROVIDER_SLSKD_TIMEOUT_MS", "46000"), ("SLSKD_SEARCH_TIMEOUT_MS", "15"),
        ])
    func namesProblems(name: String, value: String) throws {
        var values = good
        values[name] = value.isEmpty ? nil : value
        let problem = try #require(throws: Problem.self) { try settings(values) }
        #expect(problem.name == name)
        if name == "SLSKD_API_KEY", !value.isEmpty { #expect(!problem.text.contains(value)) }
    }

    @Test("the key may come from elsewhere")
    func needsNoKey() throws {
        #expect(try settings(["SLSKD_BASE_URL": "http://slskd:5030"]).apiKey == nil)
        #expect(try settings(good).apiKey == "0123456789abcdef")
    }

    @Test("limits are read in their units")
    func readsLimits() throws {
        var values = good
        values["SLSKD_DOWNLOADS_DIR"] = "/data/slskd"
        values["SLSKD_SEARCH_TIMEOUT_MS"] = "5000"
        values["SLSKD_SEARCH_REUSE_S"] = "0"
        values["PROVIDER_SLSKD_JITTER_PCT"] = "50"
        values["PROVIDER_SLSKD_RETRY_MAX"] = "0"
        values["PROVIDER_SLSKD_CONCURRENCY_REQUESTS"] = "3"
        let settings = try settings(values)
        #expect(settings.downloadsFolder?.path(percentEncoded: false) == "/data/slskd/")
        #expect(settings.search.quietTime == .seconds(5) && settings.search.reuse == .zero)
        #expect(settings.limits.jitter == 0.5 && settings.limits.retries == 0 && settings.limits.concurrency == 3)
    }
}
