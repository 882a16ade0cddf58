import Foundation
import ServiceKit
import Testing

@testable import AudioSources

@Suite("Settings of slskd")
struct SlskdSettingsTests {
    private func settings(_ values: [String: String]) throws -> SlskdSettings {
        try SlskdSettings(Settings(environment: values))
    }

    private let good = ["SLSKD_BASE_URL": "http://slskd:5030", "SLSKD_API_KEY": "0123456789abcdef"]

    @Test("An address and a key are sufficient")
    func needsLittle() throws {
        let settings = try settings(good)
        #expect(settings.baseURL == "http://slskd:5030")
        #expect(settings.downloadsFolder == nil)
        #expect(settings.limits == SlskdLimits())
        #expect(settings.search == SlskdSearchLimits())
    }

    @Test(
        "An error names the setting and does not contain the key",
        arguments: [
            ("SLSKD_BASE_URL", ""), ("SLSKD_BASE_URL", "slskd:5030"), ("SLSKD_BASE_URL", "ftp://slskd"),
            ("SLSKD_BASE_URL", "http://user:pw@slskd"), ("SLSKD_BASE_URL", "http://slskd/?a=b"),
            ("SLSKD_API_KEY", "short"), ("SLSKD_API_KEY", "0123456789abcde\nf"), ("SLSKD_DOWNLOADS_DIR", "downloads"),
            ("PROVIDER_SLSKD_TIMEOUT_MS", "46000"), ("SLSKD_SEARCH_TIMEOUT_MS", "15"),
        ])
    func namesProblems(name: String, value: String) throws {
        var values = good
        values[name] = value.isEmpty ? nil : value
        let problem = try #require(throws: SettingsError.self) { try settings(values) }
        #expect(problem.name == name)
        if name == "SLSKD_API_KEY", !value.isEmpty { #expect(!problem.description.contains(value)) }
    }

    @Test("The key can be missing, because it can be a stored secret")
    func needsNoKey() throws {
        #expect(try settings(["SLSKD_BASE_URL": "http://slskd:5030"]).apiKey == nil)
        #expect(try settings(good).apiKey == "0123456789abcdef")
    }

    @Test("Limits are read in their units")
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
