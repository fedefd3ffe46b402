class P1 < Formula
  desc "{{.Summary}}"
  homepage "{{.Repository}}"
  version "{{.Version}}"
  license "MIT"

  on_macos do
    on_arm do
      url "{{(.File "darwin_arm64").URL}}"
      sha256 "{{(.File "darwin_arm64").SHA256}}"
    end
    on_intel do
      url "{{(.File "darwin_amd64").URL}}"
      sha256 "{{(.File "darwin_amd64").SHA256}}"
    end
  end
  on_linux do
    on_arm do
      url "{{(.File "linux_arm64").URL}}"
      sha256 "{{(.File "linux_arm64").SHA256}}"
    end
    on_intel do
      url "{{(.File "linux_amd64").URL}}"
      sha256 "{{(.File "linux_amd64").SHA256}}"
    end
  end

  def install
    bin.install Dir["bin/*"]
    man1.install Dir["man/*.1"]
    bash_completion.install Dir["completions/bash/*"]
    zsh_completion.install Dir["completions/zsh/*"]
    fish_completion.install Dir["completions/fish/*"]
    doc.install Dir["licences/*"]
  end

  test do
    assert_match version.to_s, shell_output("#{bin}/p1cat --version")
    rows = shell_output("#{bin}/p1cat 'demo:?telegrams=3' | #{bin}/p1frame | #{bin}/p1fix | #{bin}/p1csv")
    assert_equal 4, rows.lines.count
  end
end
